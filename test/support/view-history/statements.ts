import type { Random } from '../history/random.ts'
import { badPiece, longFrom, waitPiece } from './program.ts'

const weights = {
  insert: 10,
  rewrite: 10,
  append: 5,
  prepend: 5,
  cut: 5,
  reorder: 4,
  retitle: 8,
  renumber: 6,
  hide: 5,
  everything: 3,
  delete: 6,
  rebirth: 5,
  upsert: 4,
  changeId: 3,
  note: 6,
  noChange: 2,
  truncate: 0.5,
} as const

const edits = ['rewrite', 'append', 'prepend', 'cut', 'reorder', 'retitle', 'renumber', 'hide'] as const
const words = ['a', 'bb', 'bb', 'ccc', 'dddd', 'a', 'e', 'ff', 'ggg', 'h']

/** A statement as a user of the table or of the view might send it. */
export function viewStatement(random: Random): string {
  return statementsOf(random)[random.weighted(weights)]()
}

/** A change of one document that stands. */
export function singleEdit(random: Random, id: number): string {
  return statementsOf(random, id)[random.pick(edits)]()
}

function statementsOf(random: Random, only?: number): Readonly<Record<keyof typeof weights, () => string>> {
  const id = (): number => only ?? random.int(1, 9)
  const piece = (): string => (random.chance(0.03) ? badPiece : random.chance(0.04) ? waitPiece : random.pick(words))
  const body = (): string => (random.chance(0.05) ? 'null' : `'${Array.from({ length: random.int(0, 6) }, piece).join(' ')}'`)
  const title = (): string => `'${random.pick(['one', 'two', 'three'])}'`
  const n = (): number => (random.chance(0.06) ? random.int(longFrom, longFrom + 3) : random.int(0, longFrom - 1))
  const values = (): string => `${title()}, ${body()}, ${n()}, ${random.chance(0.1)}`
  const columns = 'title, body, n, hidden'
  return {
    insert: () => `insert into docs (${columns}) values ${Array.from({ length: random.int(1, 3) }, () => `(${values()})`).join(', ')}`,
    rewrite: () => `update docs set body = ${body()} where _id = ${id()}`,
    append: () => `update docs set body = concat_ws(' ', body, '${piece()}') where _id = ${id()}`,
    prepend: () => `update docs set body = concat_ws(' ', '${piece()}', body) where _id = ${id()}`,
    cut: () => `update docs set body = substr(body, strpos(body, ' ') + 1) where _id = ${id()}`,
    reorder: () => `update docs set body = (select string_agg(w, ' ' order by w) from regexp_split_to_table(body, ' ') w) where _id = ${id()}`,
    retitle: () => `update docs set title = ${title()} where _id = ${id()}`,
    renumber: () => `update docs set n = ${n()} where _id = ${id()}`,
    hide: () => `update docs set hidden = not hidden where _id = ${id()}`,
    everything: () => `update docs set title = ${title()}, body = ${body()}, n = ${n()} where _id % 3 = ${random.int(0, 2)}`,
    delete: () => `delete from docs where ${random.chance(0.7) ? `_id = ${id()}` : `_id % 4 = ${random.int(0, 3)}`}`,
    rebirth: () => `insert into docs (_id, ${columns}) overriding system value values (${id()}, ${values()}) on conflict do nothing`,
    upsert: () =>
      `insert into docs (_id, ${columns}) overriding system value values (${id()}, ${values()}) on conflict (_id) do update set body = excluded.body, n = excluded.n`,
    changeId: () => `update docs set _id = default where _id = ${id()}`,
    note: () => `update parts set note = '${random.pick(['x', 'y'])}' where pos = ${random.int(0, 2)} and _parent % 2 = ${random.int(0, 1)}`,
    noChange: () => 'update docs set title = title, body = body',
    truncate: () => 'truncate docs cascade',
  }
}
