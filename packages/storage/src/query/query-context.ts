import { columnsOf, type ExpressionNode, VivantError, walkNodes } from '@vivant/core'
import { sql } from 'kysely'
import { resolveMediaReads } from '../catalog/build-model.ts'
import { mediaColumnName } from '../catalog/media-column-name.ts'
import { type CellColumn, cellById, findColumn } from '../catalog/table-model.ts'
import { rowAlias } from '../ddl/live-view.ts'
import { compileExpression } from '../expression/compile-expression.ts'
import type { CompileContext, Fragment } from '../expression/sql-operator.ts'
import { foundColumn, foundSource } from './found-distance.ts'
import type { QuerySource } from './query-spec.ts'
import { SourceContext, type SourceContextOptions } from './source-context.ts'

export interface QueryContextOptions extends Pick<SourceContextOptions, 'lateral'> {
  /** The level of the query that this one stands in, whose rows it may read. */
  readonly outer?: QueryContext | undefined
}

/** The tables of one level of a statement; the first is the one whose rows are queried. */
export class QueryContext {
  readonly root: SourceContext
  readonly #outer: QueryContext | undefined
  readonly #depth: number
  readonly #joined: readonly QuerySource[]
  readonly #sources: ReadonlyMap<number, SourceContext>
  readonly #context: CompileContext

  constructor(sources: readonly [QuerySource, ...QuerySource[]], { outer, ...options }: QueryContextOptions = {}) {
    this.#outer = outer
    this.#depth = outer ? outer.#depth + 1 : 0
    const contexts = sources.map(({ source, model, join }, index) => {
      const alias = `${'s'.repeat(this.#depth)}${rowAlias}${index === 0 ? '' : index}`
      return [source, new SourceContext(model, { ...options, alias, optional: join?.kind === 'left' })] as const
    })
    this.#joined = sources.slice(1)
    this.#sources = new Map(contexts)
    this.root = this.of(sources[0].source)
    const [{ subqueries }] = sources
    this.#context = {
      ...(subqueries && { subquery: (node) => subqueries(node, this) }),
      column: (node) => (node.source === foundSource ? foundColumn(node) : this.of(node.source).column(node)),
      cell: (node) => this.of(node.source).cell(node),
      rollUp: (node) => this.of(node.rows.source).rollUp(node),
      lookup: (node, operands) => {
        if (node.operator !== 'mediaProperty') throw new VivantError('EXPRESSION_INVALID', 'A search by similarity lacks its vector.')
        const column = columnsOf(node)[0]
        return (column === undefined ? this.root : this.of(column.source)).mediaProperty(node, operands)
      },
    }
  }

  /** The SQL of an expression; what it reads is joined. */
  compile(node: ExpressionNode): Fragment {
    return compileExpression(
      resolveMediaReads(node, (column) => [...this.#sources.values()].some(({ model }) => findColumn(model, mediaColumnName(column)) !== undefined)),
      this.#context,
    )
  }

  get cellCount(): number {
    return [...this.#sources.values()].reduce((sum, source) => sum + source.cellCount, 0)
  }

  /**
   * What stands after `from`: each table with the cells that were asked for. Those of a joined table stand inside its join, as its
   * condition may read them, and before any later one.
   */
  tables(): Fragment {
    const conditions = this.#joined.map(({ join }) => (join ? this.compile(join.on) : sql`true`))
    const joined = this.#joined.map(({ source, join }, index) => {
      const context = this.of(source)
      const table = context.hasJoins ? sql`(${context.table()}${context.joins()})` : context.table()
      return sql`\n${sql.raw(join?.kind === 'left' ? 'left join' : 'join')} ${table} on ${conditions[index] ?? sql`true`}`
    })
    return sql`${this.root.table()}${this.root.joins()}${sql.join(joined, sql``)}`
  }

  /** The id of each table's row. */
  get rowIds(): readonly Fragment[] {
    return [...this.#sources.values()].map(({ id }) => id)
  }

  /** The ids of a row of the level, one for each table: `_i0`, `_i1`, …; of a missing row null. */
  ids(): readonly Fragment[] {
    return this.rowIds.map((id, index) => sql`${id} as ${sql.raw(`_i${index}`)}`)
  }

  /** The same tables, found again by the ids that `found` has, whose rows they are. */
  tablesById(found: string, rows: Fragment = sql.raw(found)): Fragment {
    const tables = [...this.#sources.values()].map((context, index) => {
      const kind = this.#joined[index - 1]?.join?.kind === 'left' ? 'left join' : 'join'
      return sql`\n${sql.raw(kind)} ${context.table()} on ${context.id} = ${sql.raw(`${found}._i${index}`)}${context.joins()}`
    })
    return sql`${rows}${sql.join(tables, sql``)}`
  }

  /** One table of the level; EXPRESSION_INVALID for one that is not in it. */
  of(source: number): SourceContext {
    const found = this.#sources.get(source)
    if (found) return found
    if (this.#outer) return this.#outer.of(source)
    throw new VivantError('EXPRESSION_INVALID', 'An expression of another table’s row stands in this query: use the row that the callback is given.')
  }
}

/** The cell columns whose values expressions read, through virtual columns and resolved media too; not those whose state alone is asked. */
export function readCells({ source, model }: QuerySource, nodes: readonly ExpressionNode[]): readonly CellColumn[] {
  const found = new Set<CellColumn>()
  for (const node of nodes) {
    const resolved = resolveMediaReads(node, (column) => findColumn(model, mediaColumnName(column)) !== undefined)
    for (const { column, source: of } of columnsOf(resolved)) {
      const target = of === source ? findColumn(model, column) : undefined
      if (target === undefined || target.kind === 'stored') continue
      for (const cell of target.kind === 'virtual' ? target.cellInputs.map((id) => cellById(model, id)) : [target]) found.add(cell)
    }
  }
  return [...found]
}

/** Whether an expression depends on cells at all, or on their state: such a condition changes without a write to the row. */
export function readsCells(source: QuerySource, node: ExpressionNode): boolean {
  const asksState = [...walkNodes(node)].some((entry) => entry.node === 'cell' || (entry.node === 'column' && entry.column === '_status'))
  return asksState || readCells(source, [node]).length > 0
}

/** Conditions, with those joined by `and` taken apart. */
export function conjuncts(conditions: readonly ExpressionNode[]): readonly ExpressionNode[] {
  return conditions.flatMap((node) => (node.node === 'operator' && node.operator === 'and' ? conjuncts(node.operands) : [node]))
}
