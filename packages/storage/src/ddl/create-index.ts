import { createHash } from 'node:crypto'
import { columnsOf, VivantError } from '@vivant/core'
import { type CellColumn, findColumn, findInherited, type ModelColumn, type TableModel } from '../catalog/table-model.ts'
import type { Database } from '../connection/database.ts'
import { columnToChange } from '../declare/column-to-change.ts'
import { compileToText } from '../expression/compile-to-text.ts'
import { quoteName, quoteText } from './quote.ts'

export interface IndexRequest {
  readonly columns: readonly string[]
  readonly unique: boolean
  /** Text is indexed by code point, which serves order and ranges instead of equality. */
  readonly ordered: boolean
  /** Null: made of table and columns. */
  readonly name: string | null
}

/**
 * Makes an index over columns of one physical table: the user's, or the cells of one computed column. On a server without blocking writers.
 * An equal one that stands is left; the remains of a build that crashed are replaced. Throws NOT_INDEXABLE, NAME_TAKEN, CONSTRAINT_VIOLATED.
 */
export async function createIndex(database: Database, model: TableModel, { columns, unique, ordered, name }: IndexRequest): Promise<void> {
  const parts = columns.map((column) => indexPart(model, columnToChange(model, column), ordered))
  const [table, ...others] = [...new Set(parts.flatMap((part) => part.tables))]
  const list = columns.join(', ')
  if (table === undefined || others.length > 0)
    throw notIndexable(
      model,
      list,
      table === undefined ? 'it reads no column' : 'they lie in several tables: the rows and the cells of computed columns are apart',
    )
  if (unique && table !== userTable(model)) throw notIndexable(model, list, 'a computed column cannot be unique: its cells are written after the row')
  const indexName = name ?? nameFor(model, columns, ordered)
  const body = `on ${table} (${parts.map((part) => part.sql).join(', ')})`
  await database.session(async (client) => {
    const schema = table.startsWith('vivant_data.') ? 'vivant_data' : model.schemaName
    const { rows } = await client.query<{ valid: boolean; table: string; comment: string | null }>({
      text: `select i.indisvalid as valid, obj_description(i.indexrelid) as comment from pg_index i where i.indexrelid = to_regclass($1)`,
      values: [quoteName(schema, indexName)],
    })
    const mark = `vivant: ${unique ? 'unique ' : ''}${body}`
    if (rows[0]?.valid) {
      if (rows[0].comment === mark) return
      throw new VivantError('NAME_TAKEN', `There is another index "${indexName}": give this one a name of its own.`, {
        details: { table: model.name, index: indexName },
      })
    }
    const concurrently = database.profile.name === 'server' ? 'concurrently ' : ''
    if (rows[0]) await client.query(`drop index ${concurrently}${quoteName(schema, indexName)}`)
    try {
      await client.query(`create ${unique ? 'unique ' : ''}index ${concurrently}${quoteName(indexName)} ${body}`)
    } catch (error) {
      throw translate(model, list, error)
    }
    await client.query(`comment on index ${quoteName(schema, indexName)} is ${quoteText(mark)}`)
  })
}

interface IndexPart {
  readonly sql: string
  readonly tables: readonly string[]
}

function indexPart(model: TableModel, column: ModelColumn, ordered: boolean): IndexPart {
  const collation = ordered && (column.type.kind === 'text' || column.type.kind === 'enum') ? ' collate "C"' : ''
  if (column.kind !== 'virtual') return { sql: `${columnSql(model, column.name)}${collation}`, tables: [tableOf(model, column)] }
  if (columnsOf(column.expression).some((node) => findInherited(model, node.column)))
    throw notIndexable(model, column.name, 'it reads its parent, whose rows lie in another table')
  const sql = compileToText(column.expression, { column: (node) => columnSql(model, node.column), cell: (node) => columnSql(model, node.column) })
  const tables = columnsOf(column.expression).map((node) => (node.column === '_id' ? userTable(model) : tableOf(model, findColumn(model, node.column)!)))
  return { sql: `(${sql})${collation}`, tables }
}

function tableOf(model: TableModel, column: ModelColumn): string {
  return column.kind === 'stored' ? userTable(model) : `vivant_data.${quoteName((column as CellColumn).cellTable)}`
}

function userTable(model: TableModel): string {
  return quoteName(model.schemaName, model.name)
}

function columnSql(model: TableModel, name: string): string {
  const column = name === '_id' ? undefined : findColumn(model, name)
  if (!column) return quoteName(model.idColumn)
  return column.kind === 'stored' ? quoteName(name) : 'value'
}

/** At most 63 bytes, and of one's own for each list of columns. */
function nameFor(model: TableModel, columns: readonly string[], ordered: boolean): string {
  const suffix = ordered ? 'ordered_idx' : 'idx'
  const name = `${[model.name, ...columns].join('_')}_${suffix}`
  if (Buffer.byteLength(name) <= 63) return name
  return `vivant_${createHash('sha256')
    .update(JSON.stringify([model.name, columns]))
    .digest('hex')
    .slice(0, 32)}_${suffix}`
}

function notIndexable(model: TableModel, columns: string, reason: string): VivantError {
  return new VivantError('NOT_INDEXABLE', `No index on ${columns} of "${model.name}": ${reason}.`, { details: { table: model.name, columns } })
}

function translate(model: TableModel, columns: string, error: unknown): unknown {
  const { code, message } = error as { readonly code?: string; readonly message: string }
  if (code === '42704' || code === '42P17' || code === '54000') return notIndexable(model, columns, message)
  if (code === '23505')
    return new VivantError('CONSTRAINT_VIOLATED', `Rows of "${model.name}" have the same ${columns}.`, {
      cause: error,
      details: { table: model.name, columns },
    })
  return error
}
