import { type TableDefinition, VivantError } from '@vivant/core'
import { type CellColumn, type ColumnDeclaration, estimateCells, readTable, type TableModel } from '@vivant/storage'
import type { Definitions } from '../database/database.ts'
import type { DefinitionPlan, PlannedColumn } from '../database/definition-plan.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { collectDefinitions } from './collect-definitions.ts'
import { planView, type ViewPlan } from './create-view.ts'
import { type DeclaredColumn, declaredName, embeddingColumnName, shownColumn } from './declared-column.ts'
import { planDeclaration } from './plan-declaration.ts'
import { standingDefinition } from './standing-definition.ts'
import { describeColumn, isSameColumn } from './table-differences.ts'

/** One table as it is and as it is defined. */
export interface TablePlan {
  readonly table: TableDefinition
  /** Null: it is made. */
  readonly model: TableModel | null
  readonly added: TableDefinition['columns']
  readonly altered: readonly { readonly column: TableDefinition['columns'][number]; readonly difference: string }[]
  /** Names of columns, hidden ones of embedding indexes too. */
  readonly dropped: readonly string[]
  /** Constraints over several columns that differ: nothing that Vivant changes by itself. */
  readonly constraints: readonly string[]
  /** Null: it is made. */
  readonly view: ViewPlan | null
  readonly declared: readonly DeclaredColumn[]
}

/** What definitions would change. Reads the catalog, writes nothing. Throws NAME_TAKEN, CYCLE. */
export async function planDefinitions(runtime: Runtime, definitions: Definitions): Promise<DefinitionPlan> {
  const plans: TablePlan[] = []
  for (const table of collectDefinitions(definitions)) plans.push(await planTable(runtime, table))
  return describePlans(runtime, plans)
}

export async function planTable(runtime: Runtime, table: TableDefinition, allowRevert = false): Promise<TablePlan> {
  const model = await readTable(runtime.database, { schemaName: runtime.schemaName, name: table.name })
  const declared = declaredColumns(table)
  if (!model) return { table, model: null, added: [], altered: [], dropped: [], constraints: [], view: null, declared }
  const was = await standingDefinition(runtime.database, model, table.columns)
  const stored = was.columns.map((column) => column.name)
  const defined = [...table.columns.map((column) => column.name), ...declared.map(declaredName)]
  const visible = [...model.cells.filter((cell) => cell.kind !== 'media' && cell.kind !== 'expansion'), ...model.virtual].map((column) => column.name)
  const becomesComputed = stored.filter((name) => declared.some((column) => declaredName(column) === name))
  const becomesStored = visible.filter((name) => table.columns.some((column) => column.name === name))
  const constraints = (['primaryKey', 'unique', 'indexes'] as const).flatMap((part) => {
    const [before, now] = [JSON.stringify(was.constraints[part]), JSON.stringify(table.constraints[part])]
    return before === now ? [] : [`${part} of '${table.name}' is ${before}, defined is ${now}`]
  })
  const altered = table.columns.flatMap((column) => {
    const before = was.columns.find((candidate) => candidate.name === column.name)
    if (!before || isSameColumn(before, column)) return []
    return [{ column, difference: `'${table.name}.${column.name}' is ${describeColumn(before)}, defined is ${describeColumn(column)}` }]
  })
  const view = await planView(runtime, model, table, allowRevert)
  // what others made is theirs: its columns are neither altered nor dropped by a definition
  const isAdopted = was.adopted !== undefined
  // nor are those of a view: they are its iterator's, or the user's own, which a definition does not name
  const mayDrop = [...(isAdopted || model.view ? [] : stored), ...visible]
  return {
    table,
    model,
    added: table.columns.filter((column) => !stored.includes(column.name)),
    altered: isAdopted ? [] : altered,
    dropped: [...mayDrop.filter((name) => name !== model.idColumn && !defined.includes(name)), ...becomesComputed, ...becomesStored],
    constraints: isAdopted ? [...constraints, ...altered.map(({ difference }) => difference)] : constraints,
    view,
    declared,
  }
}

/** The computed columns of a table and its embedding indexes, in an order in which each finds what it reads. */
function declaredColumns(table: TableDefinition): readonly DeclaredColumn[] {
  const types = new Map([
    ...table.columns.map((column) => [column.name, column.type] as const),
    ...table.computed.map((column) => [column.name, column.expression.type] as const),
  ])
  return [
    ...table.computed.map((column): DeclaredColumn => ({ kind: 'computed', column })),
    ...table.embeddingIndexes.map((index): DeclaredColumn => ({ kind: 'embedding', index, type: types.get(index.column)! })),
  ]
}

/** The columns to declare that do not stand as something else. */
export function planColumns(plan: TablePlan, allowRevert: boolean): ReturnType<typeof planDeclaration> | null {
  if (!plan.model) return null
  const without = (columns: readonly { readonly name: string }[]): boolean => columns.some((column) => plan.dropped.includes(column.name))
  const { stored, cells, virtual } = plan.model
  const keep = <C extends { readonly name: string }>(columns: readonly C[]): readonly C[] =>
    without(columns) ? columns.filter((column) => !plan.dropped.includes(column.name)) : columns
  return planDeclaration({ ...plan.model, stored: keep(stored), cells: keep(cells), virtual: keep(virtual) }, plan.declared, {
    replace: 'different',
    allowRevert,
  })
}

export async function describePlans(runtime: Runtime, plans: readonly TablePlan[], allowRevert = false): Promise<DefinitionPlan> {
  const described = {
    created: [] as string[],
    altered: [] as string[],
    dropped: [] as string[],
    recomputed: [] as PlannedColumn[],
    recorded: [] as string[],
    superseded: [] as string[],
  }
  for (const plan of plans) {
    const { table, model } = plan
    const name = (column: string): string => shownName(table.name, column)
    if (!model) {
      described.created.push(table.name)
      continue
    }
    const columns = planColumns(plan, allowRevert)!
    const { view } = plan
    if (view?.difference) described.altered.push(view.difference)
    if (view?.parent && view.expansion) {
      if (view.code === 'new') described.recomputed.push(await estimate(runtime, view.parent, view.expansion.name, view.expansion, 'code'))
      if (view.code === 'superseded') described.superseded.push(shownName(view.parent.name, view.expansion.name))
    }
    described.created.push(...[...plan.added, ...columns.added.filter(isShown)].map((column) => name(column.name)))
    described.altered.push(...plan.altered.map(({ difference }) => difference), ...plan.constraints)
    described.dropped.push(...plan.dropped.map((column) => name(column)))
    described.recorded.push(...columns.recorded.map(({ declaration }) => name(declaration.name)))
    described.superseded.push(...columns.superseded.map(name))
    for (const declaration of columns.added) if (hasCells(declaration)) described.recomputed.push(await estimate(runtime, model, declaration.name, null, 'new'))
    for (const { columnId, declaration, difference } of columns.replaced) {
      if (difference) described.altered.push(`'${name(declaration.name)}' is ${difference.was}, defined is ${difference.is}`)
      const cell = model.cells.find((candidate) => candidate.id === columnId) ?? null
      if (hasCells(declaration)) described.recomputed.push(await estimate(runtime, model, declaration.name, cell, difference ? 'expression' : 'code'))
    }
  }
  return described
}

function shownName(table: string, column: string): string {
  return `${table}.${shownColumn(column)}`
}

function isShown(declaration: ColumnDeclaration): boolean {
  return declaration.kind !== 'media'
}

function hasCells(declaration: ColumnDeclaration): boolean {
  return declaration.kind !== 'virtual' && isShown(declaration)
}

async function estimate(runtime: Runtime, model: TableModel, column: string, cell: CellColumn | null, reason: PlannedColumn['reason']): Promise<PlannedColumn> {
  const { cells, meanMicros } = await estimateCells(runtime.database, model, cell)
  return { table: model.name, column: shownColumn(column), reason, cells, estimateMs: meanMicros === null ? null : Math.ceil((cells * meanMicros) / 1000) }
}

/** Whether a name to drop is that of an embedding index. */
export function droppedIndex(plan: TablePlan, name: string): string | null {
  const cell = plan.model?.cells.find((candidate) => candidate.name === name && candidate.kind === 'embedding')
  const index = (cell?.options['index'] as { readonly name: string } | undefined)?.name
  return index !== undefined && embeddingColumnName(index) === name ? index : null
}

/** DROP_NOT_ALLOWED with everything that is there and not defined. */
export function dropNotAllowed(dropped: readonly string[]): VivantError {
  return new VivantError(
    'DROP_NOT_ALLOWED',
    `the database has what the definitions do not: ${dropped.join(', ')}. Nothing was changed. Add it to the definitions, or connect with { allowDrop: true } to drop it with its values.`,
    { details: { dropped } },
  )
}
