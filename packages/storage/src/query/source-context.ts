import { type CellNode, type ColumnNode, columnNotFound, type OperatorNode, type RollUpNode, VivantError } from '@vivant/core'
import { sql } from 'kysely'
import { readFromBelow } from '../catalog/build-model.ts'
import { mediaColumnName } from '../catalog/media-column-name.ts'
import { type CellColumn, cellById, findColumn, findInherited, type ModelColumn, type TableModel } from '../catalog/table-model.ts'
import { ancestorId, cellAlias, cellRowId, isShown, rowAlias, settledCondition, statusExpression, upstream } from '../ddl/live-view.ts'
import { quoteName } from '../ddl/quote.ts'
import { compileExpression } from '../expression/compile-expression.ts'
import type { CompileContext, Fragment } from '../expression/sql-operator.ts'
import { rollUpOf, rollUpText } from '../roll-up/roll-up-text.ts'
import { mediaPropertySql, mediaTable } from './media-property.ts'

type CellField = 'value' | 'status' | 'version' | 'token' | 'seq' | 'attempts' | 'computed_at' | 'micros' | 'info'

interface UsedCell {
  readonly column: CellColumn
  readonly fields: Set<CellField>
  /** Looked up row by row instead of joined. */
  lateral: boolean
}

export interface SourceContextOptions {
  /** The rows are few and known (ids first): every cell is looked up by its row's id. */
  readonly lateral?: boolean
  /** The row's name in the statement. */
  readonly alias?: string
  /** The row may be missing: the right side of a left join. */
  readonly optional?: boolean
}

/** The most cell tables that one level of a statement joins: the planner's time grows with the orders of the joins (10 took 14 ms, 30 took 229 ms). */
export const maxJoinedCells = 6

/**
 * One table of a statement while it is compiled: where its columns are, and which cell tables and media rows must be joined for
 * what was asked. The first row is `t`, a cell table of it `c<column id>`, as in the live view; the rows joined to it are `t1`, `t2`, …
 */
export class SourceContext {
  readonly model: TableModel
  /** Stored columns that were asked for. */
  readonly stored: Set<string> = new Set()
  /** The row's name in the statement. */
  readonly alias: string
  readonly #lateral: boolean
  readonly #optional: boolean
  readonly #cells = new Map<number, UsedCell>()
  readonly #media = new Map<string, Fragment>()

  constructor(model: TableModel, { lateral = false, alias = rowAlias, optional = false }: SourceContextOptions = {}) {
    this.model = model
    this.alias = alias
    this.#lateral = lateral
    this.#optional = optional
  }

  get cellCount(): number {
    return this.#cells.size
  }

  /** Whether anything beside the row itself is read. */
  get hasJoins(): boolean {
    return this.#cells.size + this.#media.size > 0
  }

  /** The row's id. */
  get id(): Fragment {
    return sql.raw(`${this.alias}.${quoteName(this.model.idColumn)}`)
  }

  column(node: ColumnNode): Fragment {
    if (node.column === '_id') return this.id
    if (node.column === '_status') return this.#unlessMissing(this.#status())
    const inherited = findInherited(this.model, node.column)
    if (inherited) return this.#inherited(inherited)
    const column = this.#find(node.column)
    switch (column.kind) {
      case 'stored':
        this.stored.add(column.name)
        return sql.raw(`${this.alias}.${quoteName(column.name)}`)
      case 'virtual':
        return this.#unlessMissing(compileExpression(column.expression, this.#own()))
      default:
        return this.#cellField(column, 'value')
    }
  }

  /** A column of a parent: its row is looked up by its id, its cells are joined by it. */
  #inherited({ level, holder, column }: NonNullable<ReturnType<typeof findInherited>>): Fragment {
    switch (column.kind) {
      case 'stored': {
        const id = ancestorId(this.model, level, this.alias)
        return sql.raw(`(select p.${quoteName(column.name)} from ${quoteName(holder.schemaName, holder.name)} p where p.${quoteName(holder.idColumn)} = ${id})`)
      }
      case 'virtual':
        return this.#unlessMissing(compileExpression(readFromBelow(column.expression, level), this.#own()))
      default:
        return this.#cellField(column, 'value')
    }
  }

  cell(node: CellNode): Fragment {
    const column = this.#find(node.column)
    if (column.kind === 'stored') throw new VivantError('EXPRESSION_INVALID', `'${column.name}' is stored: only a computed column has cells.`)
    const cells = column.kind === 'virtual' ? column.cellInputs.map((id) => cellById(this.model, id)) : [column]
    if (node.property === 'status') return this.#unlessMissing(worstStatus(cells.map((cell) => this.#derivedStatus(cell))))
    // A virtual column has no cell of its own: what went wrong is in those that it reads.
    if (node.property === 'error')
      return firstOf(
        cells.map((cell) => sql`(${this.#cellField(cell, 'info')} -> 'error')`),
        'jsonb',
      )
    const own = column.kind === 'virtual' ? undefined : column
    const { field, type } = cellFields[node.property]
    return own === undefined ? sql`null::${sql.raw(type)}` : sql`${this.#cellField(own, field)}::${sql.raw(type)}`
  }

  /** What the rows of a view come to of those that were made from this row. */
  rollUp(node: RollUpNode): Fragment {
    return this.#unlessMissing(sql.raw(rollUpText(this.model, rollUpOf(this.model, node), `${this.alias}.${quoteName(this.model.idColumn)}`, this.alias)))
  }

  mediaProperty(node: OperatorNode, operands: readonly Fragment[]): Fragment {
    const [reference] = operands
    if (reference === undefined) throw new VivantError('EXPRESSION_INVALID', 'A media property lacks its column.')
    const key = JSON.stringify(node.operands[0])
    const known = [...this.#media.keys()].indexOf(key)
    if (known === -1) this.#media.set(key, reference)
    return mediaPropertySql(this.#mediaAlias(known === -1 ? this.#media.size - 1 : known), String(node.options?.['property']))
  }

  /** That a cell is settled, through all levels of what it reads. */
  settled(column: CellColumn, lateral: boolean = false): Fragment {
    for (const entry of upstream(this.model, column)) this.#use(entry, ['version', 'token', 'seq'], lateral)
    return sql.raw(`(${settledCondition(this.model, column, this.alias)})`)
  }

  /** That a cell has what it will have: settled, and no failure. */
  ready(column: CellColumn, lateral: boolean): Fragment {
    this.#use(column, ['status'], lateral)
    return this.#orMissing(sql`${this.settled(column, lateral)} and ${sql.raw(cellAlias(column, this.alias))}.status in ('ok', 'skipped')`)
  }

  /** Settled, and not waiting for another attempt: what a reader who waits is waiting for. Null where there is no cell. */
  final(column: CellColumn, lateral: boolean): Fragment {
    this.#use(column, ['status'], lateral)
    return this.#orMissing(sql`${this.settled(column, lateral)} and ${sql.raw(cellAlias(column, this.alias))}.status <> 'error'`)
  }

  /** The table under the row's name. */
  table(): Fragment {
    const name = quoteName(this.model.schemaName, this.model.name)
    return sql.raw(this.model.view ? `(select v.* from ${name} v where ${isShown(this.model.view, 'v')}) ${this.alias}` : `${name} ${this.alias}`)
  }

  /** The joins for what was asked for so far; stands after the row's own table. */
  joins(): Fragment {
    const cells = [...this.#cells.values()].map(({ column, fields, lateral }) => {
      const [table, alias] = [`vivant_data.${quoteName(column.cellTable)}`, cellAlias(column, this.alias)]
      return lateral || this.#lateral
        ? sql`\nleft join lateral (select ${sql.raw([...fields].join(', '))} from ${sql.raw(table)} where _id = ${sql.raw(cellRowId(this.model, column, this.alias))} limit 1) ${sql.raw(alias)} on true`
        : sql`\nleft join ${sql.raw(table)} ${sql.raw(alias)} on ${sql.raw(alias)}._id = ${sql.raw(cellRowId(this.model, column, this.alias))}`
    })
    return sql.join([...cells, ...[...this.#media.values()].map((reference, index) => sql`\n${mediaTable(this.#mediaAlias(index), reference)}`)], sql``)
  }

  /** The context of a virtual column's expression, whose nodes do not know which table of the query they belong to. */
  #own(): CompileContext {
    return { column: (node) => this.column(node), cell: (node) => this.cell(node), lookup: (node, operands) => this.mediaProperty(node, operands) }
  }

  #mediaAlias(index: number): string {
    return this.alias === rowAlias ? `m${index}` : `m${index}_${this.alias}`
  }

  /** Of a row that is not there nothing is said: null, whatever an expression makes of nulls. */
  #unlessMissing(value: Fragment): Fragment {
    return this.#optional ? sql`(case when ${this.id} is not null then ${value} end)` : value
  }

  #orMissing(condition: Fragment): Fragment {
    return this.#optional ? sql`(${this.id} is null or (${condition}))` : condition
  }

  #find(name: string): ModelColumn {
    const found = findColumn(this.model, name) ?? this.#withoutMediaCell(name)
    if (found) return found
    const visible = [...this.model.stored, ...this.model.cells, ...this.model.virtual].map((column) => column.name).filter((known) => !known.includes('$'))
    throw columnNotFound(name, visible, { table: this.model.name })
  }

  /** Nobody resolves this medium: then the reference as it stands, which the API has brought into the store. */
  #withoutMediaCell(name: string): ModelColumn | undefined {
    const base = name.slice(0, name.lastIndexOf('$'))
    return name === mediaColumnName(base) ? findColumn(this.model, base) : undefined
  }

  #cellField(column: CellColumn, field: CellField): Fragment {
    this.#use(column, [field], false)
    return sql.raw(`${cellAlias(column, this.alias)}.${field}`)
  }

  #use(column: CellColumn, fields: readonly CellField[], lateral: boolean): void {
    const used = this.#cells.get(column.id) ?? { column, fields: new Set(), lateral }
    for (const field of fields) used.fields.add(field)
    used.lateral &&= lateral
    this.#cells.set(column.id, used)
  }

  /** `pending` without a cell, `stale` when it is not settled, else what is stored. */
  #derivedStatus(column: CellColumn): Fragment {
    const status = this.#cellField(column, 'status')
    return sql`case when ${status} is null then 'pending' when not coalesce(${this.settled(column)}, false) then 'stale' else ${status} end`
  }

  #status(): Fragment {
    for (const cell of this.model.cells) {
      if (cell.kind !== 'computed') continue
      this.#use(cell, ['status'], false)
      this.settled(cell)
    }
    return sql.raw(`(${statusExpression(this.model, this.alias)})`)
  }
}

const cellFields = {
  attempts: { field: 'attempts', type: 'int8' },
  computedAt: { field: 'computed_at', type: 'timestamptz(3)' },
  micros: { field: 'micros', type: 'int8' },
  version: { field: 'version', type: 'int8' },
} as const satisfies Readonly<Record<string, { readonly field: CellField; readonly type: string }>>

/** From the worst to the best: what a column that reads several cells is. */
const statuses = ['pending', 'stale', 'error', 'failed', 'blocked', 'skipped']

function worstStatus(fragments: readonly Fragment[]): Fragment {
  const [only] = fragments
  if (only === undefined) return sql`'ok'::text`
  if (fragments.length === 1) return sql`(${only})`
  const list = sql.join(fragments)
  return sql`(case ${sql.join(
    statuses.map((status) => sql`when ${sql.lit(status)} in (${list}) then ${sql.lit(status)}`),
    sql` `,
  )} else 'ok' end)`
}

function firstOf(fragments: readonly Fragment[], type: string): Fragment {
  return fragments.length === 0 ? sql`null::${sql.raw(type)}` : sql`coalesce(${sql.join(fragments)})`
}
