import { isVivantError, VivantError } from '@vivant/core'
import { readersOf } from '@vivant/storage'
import type { Definitions } from '../database/database.ts'
import type { ApplyOptions, DefinitionPlan } from '../database/definition-plan.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { alterStoredColumn, declareStoredColumn, dropTableColumn, dropTableIndex } from './alter-columns.ts'
import { collectDefinitions } from './collect-definitions.ts'
import { createDeclaredTable } from './create-table.ts'
import { declareColumns } from './declare-columns.ts'
import { declaredFunctions, declaredName } from './declared-column.ts'
import { expansionNames, followView } from './create-view.ts'
import { describePlans, dropNotAllowed, droppedIndex, planTable, type TablePlan } from './plan-definitions.ts'
import { ColumnOrder } from './order-columns.ts'
import { registerFunctions } from './register-functions.ts'

/** Brings the database to what definitions say; what stands and is not defined only goes with `allowDrop`. Gives what was planned. */
export async function applyDefinitions(
  runtime: Runtime,
  definitions: Definitions,
  { allowDrop = false, allowRevert = false }: ApplyOptions = {},
): Promise<DefinitionPlan> {
  const plans: TablePlan[] = []
  for (const table of collectDefinitions(definitions)) plans.push(await planTable(runtime, table, allowRevert))
  // everything that can be refused is refused before anything is changed
  const differences = plans.flatMap((plan) => plan.view?.difference ?? [])
  if (differences.length > 0) throw new VivantError('TABLE_DIFFERS', differences.join('; '), { details: { differences } })
  const planned = await describePlans(runtime, plans, allowRevert)
  if (planned.dropped.length > 0 && !allowDrop) throw dropNotAllowed(planned.dropped)
  const constraints = plans.flatMap((plan) => plan.constraints)
  if (constraints.length > 0)
    throw new VivantError('TABLE_DIFFERS', `constraints over several columns are not changed by themselves: ${constraints.join('; ')}`)
  // all of them at once: a function may be called by columns of several tables
  await registerFunctions(
    runtime,
    plans.flatMap((plan) => [...(plan.table.view?.functions ?? []), ...plan.declared.flatMap(declaredFunctions)]),
    plans.flatMap((plan) => [...expansionNames(plan.table), ...plan.declared.map((column) => ({ table: plan.table.name, column: declaredName(column) }))]),
  )
  const order = new ColumnOrder(plans)
  for (const plan of plans) {
    await applyTable(runtime, plan, allowRevert)
    order.made(plan.table)
    await declareTaken(runtime, plan, order, allowRevert)
  }
  await declareLater(runtime, plans, order, allowRevert)
  await dropForGood(runtime, plans)
  return planned
}

async function applyTable(runtime: Runtime, plan: TablePlan, allowRevert: boolean): Promise<void> {
  const { table } = plan
  if (!plan.model) await createDeclaredTable(runtime, table)
  else if (table.view) await followView(runtime, plan.model, table, allowRevert)
  // what becomes something else under its name goes first
  await dropAll(
    runtime,
    plan,
    plan.dropped.filter((name) => definedNames(plan).includes(name)),
  )
  for (const column of plan.added) await declareStoredColumn(runtime, table.name, column)
  for (const { column } of plan.altered) await alterStoredColumn(runtime, table.name, column)
}

/** What goes for good goes when nothing new reads it any more. What columns of other tables read waits for those to go. */
async function dropForGood(runtime: Runtime, plans: readonly TablePlan[]): Promise<void> {
  let left = plans.flatMap((plan) => plan.dropped.filter((name) => !definedNames(plan).includes(name)).map((name) => ({ plan, name })))
  while (left.length > 0) {
    const needed: { readonly plan: TablePlan; readonly name: string; readonly error: unknown }[] = []
    for (const { plan, name } of left)
      try {
        await dropAll(runtime, plan, [name])
      } catch (error) {
        if (!isVivantError(error, 'COLUMN_NEEDED')) throw error
        needed.push({ plan, name, error })
      }
    if (needed.length === left.length) throw needed[0]!.error
    left = needed
  }
}

function definedNames({ table }: TablePlan): readonly string[] {
  return [...table.columns, ...table.computed].map((column) => column.name)
}

/** Columns that read rows of views, and what reads those: round by round, until none is left that can be declared. */
async function declareLater(runtime: Runtime, plans: readonly TablePlan[], order: ColumnOrder, allowRevert: boolean): Promise<void> {
  for (let declared = 1; declared > 0;) {
    declared = 0
    for (const plan of plans) declared += await declareTaken(runtime, plan, order, allowRevert)
  }
  if (order.rest.length) throw new VivantError('CYCLE', `columns need each other, so none can be declared first: ${order.rest.join(', ')}`)
}

async function declareTaken(runtime: Runtime, plan: TablePlan, order: ColumnOrder, allowRevert: boolean): Promise<number> {
  const columns = order.take(plan.table, plan.declared)
  if (columns.length) await declareColumns(runtime, plan.table, columns, { replace: 'different', allowRevert })
  return columns.length
}

/** Readers before what they read. */
async function dropAll(runtime: Runtime, plan: TablePlan, names: readonly string[]): Promise<void> {
  for (const left = [...names]; left.length > 0;) {
    const model = await runtime.freshModel(plan.table.name)
    const free = left.findIndex((name) => readersOf(model, name).every((reader) => !left.includes(reader.name)))
    const [name] = left.splice(Math.max(0, free), 1) as [string]
    const index = droppedIndex(plan, name)
    const isThere = [...model.stored, ...model.cells, ...model.virtual].some((column) => column.name === name)
    // an embedding index goes with its column
    if (isThere) await (index === null ? dropTableColumn(runtime, plan.table.name, name) : dropTableIndex(runtime, plan.table.name, index))
  }
}
