import { VivantError } from '../error/vivant-error.ts'
import { columnNotFound } from '../expression/column-not-found.ts'
import type { ExpressionNode } from '../expression/node.ts'
import { columnsOf } from '../expression/tree/columns-of.ts'
import { inlineColumns } from '../expression/tree/inline-columns.ts'
import { findCycle } from './find-cycle.ts'
import type { ColumnInputs, GraphColumn, GraphColumns } from './graph-columns.ts'

/**
 * Which column of one table needs which. Pure: built anew when the schema changes.
 *
 * `_id` is always there and is no input. Virtual columns are seen through: they have inputs and dependents of their own (for `status` and
 * for dropping), but never are the input of another column.
 */
export class ColumnGraph {
  /** The computed columns, each after those that it reads; among equals as they were declared. */
  readonly order: readonly string[]
  readonly #stored: ReadonlySet<string>
  readonly #computed: ReadonlyMap<string, GraphColumn>
  readonly #reads: ReadonlyMap<string, readonly string[]>
  readonly #inputs: ReadonlyMap<string, ColumnInputs>
  readonly #ranks: ReadonlyMap<string, number>

  /** Throws COLUMN_NOT_FOUND (with the column that reads it), CYCLE (with the path) and EXPRESSION_INVALID (for another row's column). */
  constructor({ stored, computed }: GraphColumns) {
    this.#stored = new Set(stored.map(({ name }) => name))
    this.#computed = new Map(computed.map((column) => [column.name, column]))
    this.#reads = new Map(computed.map((column) => [column.name, this.#readsOf(column)]))
    const cycle = findCycle([...this.#computed.keys()], (name) => this.#reads.get(name) ?? [])
    if (cycle !== undefined) {
      throw new VivantError('CYCLE', `columns cannot read each other in a circle: ${cycle.join(' → ')}`, { details: { path: cycle } })
    }
    const depths = this.#levels((name) => this.readsOf(name))
    this.order = [...this.#computed.keys()].toSorted((a, b) => (depths.get(a) ?? 0) - (depths.get(b) ?? 0))
    this.#inputs = new Map(this.order.map((name) => [name, this.#inputsThroughVirtual(name)]))
    this.#ranks = this.#levels((name) => this.inputsOf(name).cells)
  }

  /** The columns that a computed column names, virtual ones as themselves. Of a stored column none. */
  readsOf(name: string): readonly string[] {
    return this.#known(name, this.#reads.get(name), [])
  }

  /** What a computed column reads, virtual columns seen through: the parts of its token. Of a stored column nothing. */
  inputsOf(name: string): ColumnInputs {
    return this.#known(name, this.#inputs.get(name), { stored: [], cells: [] })
  }

  /** Everything that a computed column rests on, through all levels of cells. */
  allInputsOf(name: string): ColumnInputs {
    const cells = reach(name, (cell) => this.inputsOf(cell).cells)
    const stored = new Set([name, ...cells].flatMap((cell) => this.inputsOf(cell).stored))
    return { stored: [...stored], cells: this.order.filter((cell) => cells.has(cell)) }
  }

  /** The computed columns that have this column among their inputs, virtual ones too, in topological order. */
  dependentsOf(name: string): readonly string[] {
    this.#known(name, undefined, undefined)
    return this.order.filter((dependent) => {
      const { stored, cells } = this.inputsOf(dependent)
      return stored.includes(name) || cells.includes(name)
    })
  }

  /** The same through all levels: what may change when this column does. */
  allDependentsOf(name: string): readonly string[] {
    const reached = reach(name, (column) => this.dependentsOf(column))
    return this.order.filter((dependent) => reached.has(dependent))
  }

  /** 0 for a column that reads no cell, else one more than the greatest rank among the cells that it reads. */
  rankOf(name: string): number {
    return this.#known(name, this.#ranks.get(name), 0)
  }

  isVirtual(name: string): boolean {
    return this.#known(name, this.#computed.get(name)?.virtual, false)
  }

  /** An expression over this table's columns with the virtual ones replaced by what they stand for. */
  inlineVirtual(expression: ExpressionNode): ExpressionNode {
    return inlineColumns(expression, ({ source, column }) => {
      const found = source === 0 ? this.#computed.get(column) : undefined
      return found?.virtual === true ? found.expression : undefined
    })
  }

  /** Throws COLUMN_NEEDED, with the path of who needs it, when another column reads this one. */
  checkDroppable(name: string): void {
    const path = [name]
    for (let reader = this.#readerOf(name); reader !== undefined; reader = this.#readerOf(reader)) path.push(reader)
    if (path.length === 1) return
    throw new VivantError('COLUMN_NEEDED', `'${name}' is needed: ${path.toReversed().join(' reads ')}; drop or replace those first`, {
      details: { column: name, path },
    })
  }

  #readerOf(name: string): string | undefined {
    return this.order.find((reader) => this.readsOf(reader).includes(name))
  }

  #readsOf({ name, expression, when }: GraphColumn): readonly string[] {
    const columns = [...columnsOf(expression), ...(when === null ? [] : columnsOf(when))]
    const foreign = columns.find(({ source }) => source !== 0)
    if (foreign !== undefined) throw new VivantError('EXPRESSION_INVALID', `'${name}' reads '${foreign.column}' of another row`, { details: { column: name } })
    const names = [...new Set(columns.map(({ column }) => column))].filter((column) => column !== '_id')
    const missing = names.find((column) => !this.#stored.has(column) && !this.#computed.has(column))
    if (missing !== undefined) throw columnNotFound(missing, this.#allNames(), { reader: name })
    return names
  }

  #inputsThroughVirtual(name: string): ColumnInputs {
    const [stored, cells] = [new Set<string>(), new Set<string>()]
    const visit = (column: string): void => {
      if (this.#stored.has(column)) stored.add(column)
      else if (this.#computed.get(column)?.virtual === true) this.readsOf(column).forEach(visit)
      else cells.add(column)
    }
    this.readsOf(name).forEach(visit)
    return { stored: [...stored], cells: [...cells] }
  }

  #levels(below: (name: string) => readonly string[]): ReadonlyMap<string, number> {
    const levels = new Map<string, number>()
    const levelOf = (name: string): number => {
      const known = levels.get(name)
      if (known !== undefined || this.#stored.has(name)) return known ?? -1
      const level = 1 + Math.max(-1, ...below(name).map(levelOf))
      levels.set(name, level)
      return level
    }
    for (const name of this.#computed.keys()) levelOf(name)
    return levels
  }

  #known<V>(name: string, value: V | undefined, otherwise: V): V {
    if (value !== undefined) return value
    if (this.#stored.has(name) || this.#computed.has(name)) return otherwise
    throw columnNotFound(name, this.#allNames())
  }

  #allNames(): readonly string[] {
    return [...this.#stored, ...this.#computed.keys()]
  }
}

/** What can be reached from a name, without the name itself. */
function reach(name: string, next: (name: string) => readonly string[]): ReadonlySet<string> {
  const reached = new Set<string>()
  const visit = (from: string): void => {
    for (const to of next(from)) {
      if (reached.has(to)) continue
      reached.add(to)
      visit(to)
    }
  }
  visit(name)
  return reached
}
