import type { Database } from '@vivant/storage'
import { type Doc, type ViewName, viewNames, type ViewRows } from './reference.ts'

/** The same lines as the reference gives, from the live views. */
const queries: Readonly<Record<ViewName, string>> = {
  docs: `select _id, loud, score, coalesce(_status->>'score', 'ok'), pieces, total, names from live.docs`,
  parts: `select _parent, pos, text, size, named, loudly, scored, coalesce(_status->>'scored', 'ok') from live.parts`,
  letters: `select p._parent, p.pos, l.pos, l.letter, l.up, l.deep from live.letters l left join live.parts p on p._id = l._parent`,
  long: `select p._parent, p.pos, l.pos, l.tag from live.long l left join live.parts p on p._id = l._parent`,
  high: 'select _parent, pos, label from live.high',
  lists: 'select _parent, pos, k from live.lists',
}

export async function readDocs(database: Database): Promise<readonly Doc[]> {
  return (await database.query<Doc & { _id: number }>('select _id as id, title, body, n, hidden from docs order by _id')).rows
}

export async function readViews(database: Database): Promise<ViewRows> {
  const rows = {} as Record<ViewName, readonly string[]>
  for (const name of viewNames) {
    const result = await database.queryArrays({ text: queries[name], values: [] })
    rows[name] = result.rows
      .map((values) => JSON.stringify(values.map((value) => (typeof value === 'string' && /^-?\d+$/u.test(value) ? Number(value) : value))))
      .toSorted()
  }
  return rows
}

/** What is wrong at rest beside what readers see: rows that no reader sees, states that are not settled, notes that their column does not follow. */
export async function findLeftovers(database: Database): Promise<readonly string[]> {
  const problems: string[] = []
  for (const name of viewNames) {
    const { rows } = await database.query<{ stored: number; shown: number; status: string | null }>(
      `select (select count(*) from ${name})::int as stored, (select count(*) from live.${name})::int as shown,
        (select string_agg(distinct _status::text, ' ') from live.${name} where _status::text ~ 'pending|stale|error') as status`,
    )
    const { stored, shown, status } = rows[0]!
    if (stored !== shown) problems.push(`${name} has ${stored} rows and shows ${shown}`)
    if (status !== null) problems.push(`${name} is not settled at rest: ${status}`)
  }
  const { rows } = await database.query<{ line: string }>(
    `select to_jsonb(p)::text as line from live.parts p join docs d on d._id = p._parent where noted is distinct from d.title || '/' || note`,
  )
  for (const { line } of rows.slice(0, 3)) problems.push(`the note does not follow: ${line}`)
  return problems
}

/** The texts of the rows of `parts` by their ids. */
export async function readTexts(database: Database): Promise<ReadonlyMap<number, string>> {
  const { rows } = await database.query<{ id: number; text: string }>('select _id as id, text from live.parts')
  return new Map(rows.map(({ id, text }) => [id, text]))
}
