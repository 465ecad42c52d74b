import {
  createRow,
  expressionNode,
  type ExpressionOf,
  isExpression,
  type OnError,
  type RetryPolicy,
  t,
  table,
  tableDefinition,
  type TypeOfColumn,
} from '@vivant/core'
import {
  addColumns,
  type CellColumn,
  cellById,
  type ColumnDeclaration,
  createTable,
  type Database,
  finishPublication,
  migrate,
  openDatabase,
  readTable,
  replaceColumns,
  type TableModel,
} from '@vivant/storage'

/** An empty database with the system schema, as `connect` leaves it. */
export async function openSystem(target: string, connections = 10): Promise<Database> {
  const database = await openDatabase(target, { connections, applicationName: 'vivant test' })
  await migrate(database)
  await database.query('create schema if not exists live')
  await database.query(`insert into vivant.setting values ('live_schema', 'live') on conflict do nothing`)
  return database
}

export type IntExpression = ExpressionOf<TypeOfColumn<ReturnType<typeof t.int>>, never>

/** The row of these tests: every column is an int. */
export type IntRow = Readonly<Record<string, IntExpression>>

export interface ColumnOptions {
  readonly pool?: string
  readonly when?: (row: IntRow) => unknown
  readonly onError?: OnError
  readonly retry?: RetryPolicy
  /** Names of the columns that the expressions may read; left out: x, y, z and a to h. */
  readonly priority?: number
}

const readable = 'x y z a b c d e f g h p q r s n1 n2 n3 n4 n5 n6'.split(' ')

/** A computed column over int columns, as the public API will declare it. */
export function computed(name: string, expression: (row: IntRow) => unknown, options: ColumnOptions = {}): ColumnDeclaration {
  const row = createRow(readable.map((column) => ({ name: column, type: { kind: 'int' } }))) as unknown as IntRow
  const node = nodeOf(expression(row))
  const condition = options.when ? nodeOf(options.when(row)) : null
  return {
    name,
    kind: 'computed',
    type: node.type,
    nullable: true,
    expression: node,
    condition,
    pool: options.pool ?? 'default',
    codeHash: name,
    options: {
      when: condition,
      onError: options.onError ?? 'block',
      priority: options.priority ?? 0,
      retry: options.retry ?? null,
      description: null,
      onCodeChange: 'recompute',
    },
  }
}

function nodeOf(value: unknown): ReturnType<typeof expressionNode> {
  if (!isExpression(value)) throw new Error('an expression is expected')
  return expressionNode(value)
}

/** A table of the user's with the int columns named, the id in `_id`. */
export async function createIntTable(database: Database, name: string, columns: readonly string[] = ['x', 'y']): Promise<TestTable> {
  const definition = table(name, Object.fromEntries(columns.map((column) => [column, t.int().nullable()])))
  const { id } = await createTable(database, 'public', tableDefinition(definition))
  return new TestTable(database, id, name)
}

export class TestTable {
  readonly database: Database
  readonly id: number
  readonly name: string

  constructor(database: Database, id: number, name: string) {
    this.database = database
    this.id = id
    this.name = name
  }

  async model(): Promise<TableModel> {
    return (await readTable(this.database, this.id))!
  }

  async column(name: string): Promise<CellColumn> {
    const model = await this.model()
    return cellById(model, model.cells.find((cell) => cell.name === name)!.id)
  }

  async add(...declarations: readonly ColumnDeclaration[]): Promise<void> {
    await finishPublication(this.database, await addColumns(this.database, this.id, declarations, 10_000), 10_000)
  }

  async replace(...declarations: readonly ColumnDeclaration[]): Promise<void> {
    await finishPublication(this.database, await this.beginReplacing(...declarations), 10_000)
  }

  /** The first of the two commits. */
  async beginReplacing(...declarations: readonly ColumnDeclaration[]): Promise<number> {
    const model = await this.model()
    const changes = declarations.map((declaration) => ({ columnId: model.cells.find((cell) => cell.name === declaration.name)!.id, declaration }))
    return replaceColumns(this.database, this.id, changes, 10_000)
  }

  /** Cells by id, as they lie in their table. */
  async cells(column: string): Promise<ReadonlyMap<number, StoredCell>> {
    return this.#cellsOf(await this.column(column))
  }

  /** Those of every column. */
  async allCells(): Promise<ReadonlyMap<string, ReadonlyMap<number, StoredCell>>> {
    const all = new Map<string, ReadonlyMap<number, StoredCell>>()
    for (const column of (await this.model()).cells) all.set(column.name, await this.#cellsOf(column))
    return all
  }

  async #cellsOf({ cellTable }: CellColumn): Promise<ReadonlyMap<number, StoredCell>> {
    const { rows } = await this.database.query<StoredCell & { _id: number }>(
      `select _id, value, status, version, token, seq, attempts, info from vivant_data."${cellTable}" order by _id`,
    )
    return new Map(rows.map(({ _id, ...cell }) => [_id, cell]))
  }
}

export interface StoredCell {
  readonly value: unknown
  readonly status: string
  readonly version: number
  readonly token: number
  readonly seq: number
  readonly attempts: number
  readonly info: { readonly error?: { readonly code: string } } | null
}
