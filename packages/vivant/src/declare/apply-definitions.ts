import { VivantError } from '@vivant/core'
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
  for (const plan of plans) await applyTable(runtime, plan, allowRevert)
  return planned
}

async function applyTable(runtime: Runtime, plan: TablePlan, allowRevert: boolean): Promise<void> {
  const { table } = plan
  if (!plan.model) await createDeclaredTable(runtime, table)
  else if (table.view) await followView(runtime, plan.model, table, allowRevert)
  const defined = [...table.columns, ...table.computed].map((column) => column.name)
  // what becomes something else under its name goes first, what goes for good goes when nothing new reads it any more
  await dropAll(
    runtime,
    plan,
    plan.dropped.filter((name) => defined.includes(name)),
  )
  for (const column of plan.added) await declareStoredColumn(runtime, table.name, column)
  for (const { column } of plan.altered) await alterStoredColumn(runtime, table.name, column)
  await declareColumns(runtime, table, plan.declared, { replace: 'different', allowRevert })
  await dropAll(
    runtime,
    plan,
    plan.dropped.filter((name) => !defined.includes(name)),
  )
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
