import { columnNode, columnsOf, isMediaType, mapNode, parentColumnName, VivantError, walkNodes, type ExpressionNode } from '@vivant/core'
import type { CatalogColumn, CatalogTable } from './catalog-rows.ts'
import { splitHistory } from '../groups/history-plan.ts'
import { mediaColumnName } from './media-column-name.ts'
import { readRollUp, type RollUpReads } from './roll-up-reads.ts'
import {
  ancestorAt,
  type CellColumn,
  findInherited,
  type InheritedInput,
  type RollUp,
  type StoredColumn,
  storedKey,
  type TableModel,
  type VirtualColumn,
  viewColumns,
} from './table-model.ts'

/** The tables beside which a model is made. */
export interface ModelFamily {
  readonly parent: TableModel | null
  /** Its views, where its columns read their rows. */
  readonly views: readonly TableModel[]
  readonly family: ReadonlyMap<number, TableModel>
}

/** Works the catalog's rows of one table out. Pure. */
export function buildModel(table: CatalogTable, columns: readonly CatalogColumn[], { parent, views, family }: ModelFamily): TableModel {
  const view = table.view && parent && { ...table.view, parent }
  const ancestry = { view } as TableModel
  const stored = columns.filter((column) => column.kind === 'stored').map(storedColumn)
  const derived = new Map(columns.filter(isDerived).map((column) => [column.name, column]))
  const opaque = columns.flatMap(({ id, name, kind, attnum, position }) => (kind === 'opaque' ? [{ kind, id, name, attnum: attnum!, position }] : []))
  const attnums = new Map(stored.map((column) => [column.name, column]))
  const virtual: VirtualColumn[] = []
  const cells: CellColumn[] = []
  const done = new Map<string, CellColumn | VirtualColumn>()
  const path: string[] = []

  const visit = (column: CatalogColumn): CellColumn | VirtualColumn => {
    const known = done.get(column.name)
    if (known) return known
    if (path.includes(column.name))
      throw new VivantError(
        'CYCLE',
        `Computed columns of "${table.name}" need each other: ${[...path.slice(path.indexOf(column.name)), column.name].join(' → ')}.`,
      )
    path.push(column.name)
    const declared = column.expression!
    const whole = column.kind === 'media' ? declared : inline(readContent(declared))
    const { expression, history } = splitHistory(whole)
    const condition = column.condition ? inline(readContent(column.condition)) : null
    const read = [...columnsOf(whole), ...(condition ? columnsOf(condition) : [])]
    const inputs = new Set(read.map((node) => node.column))
    const rollUps = [expression, ...(condition ? [condition] : [])].flatMap(rollUpsOf)
    const reads = rollUps.map((rollUp) => rollUp.reads)
    const base = {
      id: column.id,
      name: column.name,
      type: column.type,
      nullable: column.nullable,
      position: column.position,
      declared,
      expression,
      storedInputs: distinct([...[...inputs].flatMap(ownStored), ...reads.flatMap(({ parentStored }) => parentStored)]),
      cellInputs: distinct([
        ...[...inputs].flatMap((name) => (derived.has(name) ? [visit(derived.get(name)!).id] : inheritedCell(name))),
        ...reads.flatMap(({ parentCells }) => parentCells.map((name) => visit(derived.get(name)!).id)),
        ...reads.flatMap(({ ancestorCells }) => ancestorCells),
      ]),
      inheritedInputs: distinctInherited([...[...inputs].flatMap(inheritedStored), ...reads.flatMap(({ ancestorStored }) => ancestorStored)]),
      rollUps: rollUps.map(({ rollUp }) => rollUp),
    }
    path.pop()
    const result: CellColumn | VirtualColumn =
      column.kind === 'virtual'
        ? { ...base, kind: 'virtual' }
        : {
            ...base,
            kind: column.kind as CellColumn['kind'],
            condition,
            declaredCondition: column.condition,
            pool: column.pool,
            version: column.version,
            state: column.state,
            codeHash: column.codeHash ?? '',
            codeHashes: column.codeHashes,
            options: column.options,
            cellTable: column.cellTable!,
            usesArguments: history !== null || usesArguments(expression, condition),
            history,
            rank: cells.length,
          }
    done.set(column.name, result)
    if (result.kind === 'virtual') virtual.push(result)
    else cells.push(result)
    return result
  }

  const rollUpsOf = (node: ExpressionNode): readonly { readonly rollUp: RollUp; readonly reads: RollUpReads }[] =>
    [...walkNodes(node)].flatMap((entry) => {
      if (entry.node !== 'rollUp') return []
      const rolledUp = views.find((candidate) => candidate.view?.expansionId === derived.get(entry.rows.column)?.id)
      const reads = readRollUp(rolledUp, entry.aggregate)
      return [{ rollUp: { node: entry, viewId: rolledUp?.id ?? 0, stored: reads.stored, cells: reads.cells }, reads }]
    })
  const inheritedCell = (name: string): readonly number[] => {
    const found = findInherited(ancestry, name)
    return found && found.column.kind !== 'stored' && found.column.kind !== 'virtual' ? [found.column.id] : []
  }
  // who reads a parent reads whose row it is: an id that changes gives the row other inputs
  const ownStored = (name: string): readonly number[] => (findInherited(ancestry, name) ? [parentAttnum({ stored })] : [attnums.get(name)?.attnum ?? []].flat())
  const inheritedStored = (name: string): readonly InheritedInput[] => {
    const found = findInherited(ancestry, name)
    if (!found) return []
    const between = Array.from({ length: found.level - 1 }, (_, index) => ({ level: index + 1, attnum: parentAttnum(ancestorAt(ancestry, index + 1)) }))
    return found.column.kind === 'stored' ? [...between, { level: found.level, attnum: found.column.attnum }] : between
  }
  const inline = (node: ExpressionNode): ExpressionNode =>
    mapNode(node, (entry) => {
      const inherited = entry.node === 'column' ? findInherited(ancestry, entry.column) : undefined
      if (inherited?.column.kind === 'virtual') return readFromBelow(inherited.column.expression, inherited.level)
      const target = entry.node === 'column' && entry.column !== '_id' ? derived.get(entry.column) : undefined
      return target?.kind === 'virtual' ? visit(target).expression : undefined
    })
  const readContent = (node: ExpressionNode): ExpressionNode =>
    resolveMediaReads(node, (name) => derived.has(mediaColumnName(name)) || findInherited(ancestry, mediaColumnName(name)) !== undefined)

  for (const column of derived.values()) visit(column)
  return { ...table, view, readers: [], rolledUp: [], family, stored, opaque, cells, virtual }
}

/** Where a row of a view has its parent's id. */
export function parentAttnum({ stored }: Pick<TableModel, 'stored'>): number {
  return stored.find(({ name }) => name === viewColumns.parent)!.attnum
}

function distinct(numbers: readonly number[]): readonly number[] {
  return [...new Set(numbers)].toSorted((a, b) => a - b)
}

function distinctInherited(inputs: readonly InheritedInput[]): readonly InheritedInput[] {
  return [...new Map(inputs.map((input) => [storedKey(input), input])).values()]
}

function isDerived({ kind }: CatalogColumn): boolean {
  return kind !== 'stored' && kind !== 'opaque'
}

/** An ancestor's expression with its columns named as a view some levels below reads them. */
export function readFromBelow(expression: ExpressionNode, levels: number): ExpressionNode {
  const nameOf = (column: string): string => Array.from({ length: levels }).reduce<string>((name) => parentColumnName(name), column)
  return mapNode(expression, (node) => (node.node === 'column' ? columnNode(nameOf(node.column), node.type) : undefined))
}

function storedColumn(column: CatalogColumn): StoredColumn {
  return { kind: 'stored', id: column.id, name: column.name, attnum: column.attnum!, type: column.type, nullable: column.nullable, position: column.position }
}

/** Functions and media properties read content: through the hidden column of what the reference resolves to. */
export function resolveMediaReads(node: ExpressionNode, hasMediaColumn: (column: string) => boolean): ExpressionNode {
  const toContent = (entry: ExpressionNode): ExpressionNode | undefined =>
    entry.node === 'column' && isMediaType(entry.type) && hasMediaColumn(entry.column)
      ? Object.freeze({ ...entry, column: mediaColumnName(entry.column) })
      : undefined
  return mapNode(node, (entry) =>
    readsContent(entry) ? Object.freeze({ ...entry, operands: entry.operands.map((operand) => mapNode(operand, toContent)) }) : undefined,
  )
}

/** The media columns that an expression reads by content. */
export function mediaReads(node: ExpressionNode): readonly string[] {
  const operands = [...walkNodes(node)].flatMap((entry) => (readsContent(entry) ? entry.operands : []))
  return [...new Set(operands.flatMap(columnsOf).flatMap((column) => (isMediaType(column.type) ? [column.column] : [])))]
}

function readsContent(node: ExpressionNode): node is Extract<ExpressionNode, { operands: readonly ExpressionNode[] }> {
  return node.node === 'call' || (node.node === 'operator' && node.operator === 'mediaProperty')
}

function usesArguments(expression: ExpressionNode, condition: ExpressionNode | null): boolean {
  const calls = [...walkNodes(expression)].filter((node) => node.node === 'call')
  if (!calls.length) return false
  if (condition || expression.node !== 'call') return true
  return calls.some((call) => call.operands.some((operand) => operand.node !== 'column' && operand.node !== 'literal'))
}
