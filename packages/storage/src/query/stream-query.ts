import { randomUUID } from 'node:crypto'
import { nearnessOf } from './nearness.ts'
import { quoteName } from '../ddl/quote.ts'
import type { SqlClient } from '../connection/sql-client.ts'
import { compileQuery, type QuerySources } from './compile-query.ts'
import type { QuerySpec } from './query-spec.ts'
import { type QueryPlace, runQuery, throwIfAborted, type ValueRows, withoutStrangers } from './run-query.ts'

/** Up to so many neighbours are found at once, and then given page by page. */
const maxNeighboursAtOnce = 1000

/**
 * The rows of a query page by page, from one snapshot, in memory that does not grow with them: a cursor, which outlives its
 * transaction, so that on the embedded engine's one connection others take their turn between the pages. It is closed when the
 * last page was read, and when the reader leaves early.
 */
export async function* streamQuery(place: QueryPlace, spec: QuerySpec, sources: QuerySources, chunkSize: number): AsyncGenerator<ValueRows, void, undefined> {
  throwIfAborted(place.signal)
  if (nearnessOf(spec) !== null && spec.limit !== null && spec.limit <= maxNeighboursAtOnce) {
    yield await runQuery(place, spec, sources)
    return
  }
  const { statement, leadsWithDistance } = compileQuery(spec, sources)
  const cursor = quoteName(`vivant_${randomUUID()}`)
  await using session = await cursorSession(place)
  await session.client.query({ text: `declare ${cursor} no scroll cursor${place.client ? '' : ' with hold'} for ${statement.text}`, values: statement.values })
  try {
    for (;;) {
      throwIfAborted(place.signal)
      const { rows } = await session.client.queryArrays({ text: `fetch forward ${chunkSize} from ${cursor}` })
      if (rows.length > 0) yield leadsWithDistance ? withoutStrangers(rows) : rows
      if (rows.length < chunkSize) return
    }
  } finally {
    // in a transaction that has failed there is nothing left to close
    await session.client.query(`close ${cursor}`).catch(() => {})
  }
}

interface CursorSession extends AsyncDisposable {
  readonly client: SqlClient
}

/** The connection whose cursor it is: the transaction's; the only one there is, shared with everyone; or one of the pool, kept until the end. */
async function cursorSession({ client, database }: QueryPlace): Promise<CursorSession> {
  if (client) return { client, [Symbol.asyncDispose]: async () => {} }
  if (database.profile.singleProcess) return { client: database, [Symbol.asyncDispose]: async () => {} }
  const opened = Promise.withResolvers<SqlClient>()
  const ended = Promise.withResolvers<void>()
  const session = database.session(async (held) => {
    opened.resolve(held)
    await ended.promise
  })
  session.catch(opened.reject)
  const held = await opened.promise
  return {
    client: held,
    [Symbol.asyncDispose]: async () => {
      ended.resolve()
      await session
    },
  }
}
