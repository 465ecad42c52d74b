import { compileEvaluator, type ExpressionNode, valuesEqual, walkNodes } from '@vivant/core'
import { batchType, compileExpression, compileToText, encodeArray, pgType, quoteName, valueDecoder } from '@vivant/storage'
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, type RawBuilder, sql } from 'kysely'
import { columns, mediaWidths } from './expressions.ts'
import type { ArrayClient } from './open-client.ts'

export type Row = Readonly<Record<string, unknown>>

export interface ExpressionResults {
  /** By JavaScript, by SQL with parameters, and by SQL with the constants in its text: one value for each row. */
  readonly evaluated: readonly unknown[]
  readonly selected: readonly unknown[]
  readonly selectedAsText: readonly unknown[]
}

/** Fails where an expression's value in SQL is another than in JavaScript, or SQL raises. */
export async function expectEqual(client: ArrayClient, nodes: readonly ExpressionNode[], rows: readonly Row[]): Promise<void> {
  const results = await runExpressions(client, nodes, rows)
  for (const [index, node] of nodes.entries()) {
    const { evaluated, selected, selectedAsText } = results[index]!
    for (const [row, expected] of evaluated.entries()) {
      for (const actual of [selected[row], selectedAsText[row]]) {
        if (!valuesEqual(node.type, actual, expected))
          throw new Error(`JavaScript gives ${show(expected)}, SQL ${show(actual)}\n${describe(node)}\n${describeRow(node, rows[row]!)}`)
      }
    }
  }
}

/** Evaluates expressions over rows on both sides. */
export async function runExpressions(client: ArrayClient, nodes: readonly ExpressionNode[], rows: readonly Row[]): Promise<readonly ExpressionResults[]> {
  if (nodes.length === 0) return []
  const select = (list: RawBuilder<unknown>): Promise<readonly (readonly unknown[])[]> => {
    const query = sql`select ${list} from ${tableOf(rows)} order by r.row`.compile(compiler)
    return client.query(query.sql, query.parameters).catch((cause: Error) => {
      throw new Error(`SQL raised: ${cause.message}\n${nodes.map(describe).join('\n')}`, { cause })
    })
  }
  const selected = await select(sql.join(nodes.map((node) => compileExpression(node, fragmentContext))))
  const selectedAsText = await select(sql.raw(nodes.map(textOf).join(', ')))
  return nodes.map((node, index) => {
    const decode = valueDecoder(node.type)
    const evaluate = compileEvaluator(node, {
      column:
        ({ column }) =>
        (row) =>
          rows[row]?.[column] ?? null,
      cell: unused,
      call: unused,
      lookup:
        (_node, [reference]) =>
        (row) =>
          mediaWidths[reference?.(row) as string] ?? null,
      now: unused,
    })
    return {
      evaluated: rows.map((_row, row) => evaluate(row)),
      selected: selected.map((row) => decode(row[index])),
      selectedAsText: selectedAsText.map((row) => decode(row[index])),
    }
  })
}

const widths = Object.entries(mediaWidths).map(([reference, width]) => `when '${reference}' then ${width}::int8`)

const fragmentContext: Parameters<typeof compileExpression>[1] = {
  column: ({ column }) => sql.ref(`r.${column}`),
  cell: unused,
  lookup: (_node, [reference]) => sql`case ${reference} ${sql.raw(widths.join(' '))} end`,
}

function textOf(node: ExpressionNode): string {
  return compileToText(node, {
    column: ({ column }) => `r.${quoteName(column)}`,
    cell: unused,
    lookup: (_node, [reference]) => `case ${reference} ${widths.join(' ')} end`,
  })
}

/** The rows as a table `r`: one array for each column, as workers write them. */
function tableOf(rows: readonly Row[]): RawBuilder<unknown> {
  const names = Object.keys(columns).filter((name) => Object.hasOwn(rows[0] ?? {}, name))
  const arrays = names.map((name) => {
    const values = rows.map((row) => row[name])
    return sql`${encodeArray(columns[name]!, values)}::${sql.raw(`${batchType(columns[name]!).element}[]`)}`
  })
  const selected = names.map((name) => sql`${sql.ref(`u.${name}`)}::${sql.raw(pgType(columns[name]!))} as ${sql.ref(name)}`)
  const aliases = sql.join([...names, 'row'].map((name) => sql.ref(name)))
  return sql`(select ${sql.join([...selected, sql`u.row`])} from unnest(${sql.join(arrays)}) with ordinality as u(${aliases})) as r`
}

/** Compiles, and runs nothing. */
const compiler = new Kysely<unknown>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})

function describe(node: ExpressionNode): string {
  return `${JSON.stringify(node)}\n${textOf(node)}`
}

function describeRow(node: ExpressionNode, row: Row): string {
  const used = new Set([...walkNodes(node)].flatMap((inner) => (inner.node === 'column' ? [inner.column] : [])))
  return [...used].map((name) => `${name} = ${show(row[name])}`).join(', ')
}

function show(value: unknown): string {
  if (typeof value === 'number') return String(value)
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner))
}

function unused(): never {
  throw new Error('not used here')
}
