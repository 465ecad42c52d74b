import { compileEvaluator, type ExpressionNode, valuesEqual, walkNodes } from '@vivant/core'
import { batchType, compileExpression, compileToText, decodeValue, encodeArray, pgType, quoteName } from '@vivant/storage'
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, type RawBuilder, sql } from 'kysely'
import { columns, mediaWidths } from './expressions.ts'
import type { ArrayClient } from './open-client.ts'

export type Row = Readonly<Record<string, unknown>>
const names = Object.keys(columns)

/** Compiles, and runs nothing. */
const compiler = new Kysely<unknown>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler()
  }
})

/** Evaluates the expressions over the rows on both sides, in SQL with parameters and as text, and fails where they differ. */
export async function expectEqual(client: ArrayClient, nodes: readonly ExpressionNode[], rows: readonly Row[]): Promise<void> {
  if (nodes.length === 0) return
  const context = {
    column: (node: { readonly column: string }) => sql.ref(`r.${node.column}`),
    cell: () => sql`null`,
    lookup: (_node: unknown, [reference]: readonly unknown[]) => sql`case ${reference} ${sql.join(Object.entries(mediaWidths).map(([key, width]) => sql`when ${key} then ${width}::int8`), sql` `)} end`
  }
  const statement = sql`select ${sql.join(nodes.map((node) => compileExpression(node, context)))} from ${source(rows)} order by r.row`
  const compiled = statement.compile(compiler)
  const result = await client.query(compiled.sql, compiled.parameters).catch((cause: Error) => {
    throw new Error(`SQL raised: ${cause.message}\n${nodes.map((node) => JSON.stringify(node)).join('\n')}\n${compiled.sql}\n${show(compiled.parameters)}`, { cause })
  })
  const texts = nodes.map((node) =>
    compileToText(node, {
      column: ({ column }) => `r.${quoteName(column)}`,
      cell: () => 'null',
      lookup: (_node, [reference]) => `case ${reference} ${Object.entries(mediaWidths).map(([key, width]) => `when '${key}' then ${width}::int8`).join(' ')} end`
    })
  )
  const sourceSql = sql`${source(rows)} order by r.row`.compile(compiler)
  const inText = await client.query(`select ${texts.join(', ')} from ${sourceSql.sql}`, sourceSql.parameters)
  for (const [index, node] of nodes.entries()) {
    const evaluate = compileEvaluator(node, {
      column: ({ column }) => (row) => rows[row]?.[column] ?? null,
      cell: () => () => null,
      call: () => () => null,
      lookup: (_node, [reference]) => (row) => mediaWidths[reference?.(row) as string] ?? null,
      now: () => new Date()
    })
    for (const [row, values] of rows.entries()) {
      const expected = evaluate(row)
      for (const [form, actual] of [
        ['parameters', result[row]?.[index]],
        ['text', inText[row]?.[index]]
      ] as const) {
        if (!valuesEqual(node.type, decodeValue(node.type, actual), expected)) {
          const used = [...walkNodes(node)].flatMap((inner) => (inner.node === 'column' ? [inner.column] : []))
          throw new Error(
            `JavaScript gives ${show(expected)}, SQL (${form}) ${show(actual)}\nnode ${JSON.stringify(node)}\nsql ${texts[index]}\nrow ${used.map((name) => `${name}=${show(values[name])}`).join(' ')}`
          )
        }
      }
    }
  }
}

/** The rows as a table `r`: one array for each column, as workers write them. */
function source(rows: readonly Row[]): RawBuilder<unknown> {
  const batches = names.map((name) => {
    const { element } = batchType(columns[name]!)
    return sql`${encodeArray(columns[name]!, rows.map((row) => row[name]))}::${sql.raw(`${element}[]`)}`
  })
  const selected = names.map((name) => sql`${sql.ref(`u.${name}`)}::${sql.raw(pgType(columns[name]!))} as ${sql.ref(name)}`)
  return sql`(select u.row, ${sql.join(selected)} from unnest(${sql.join(batches)}) with ordinality as u(${sql.join([...names.map((name) => sql.ref(name)), sql.ref('row')])})) as r`
}

function show(value: unknown): string {
  return typeof value === 'bigint' ? `${value}n` : typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value))
}
