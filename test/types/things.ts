import type { Expression, Row, SchemaOf } from 'vivant'
import { embeddingModel, t, table, udf } from 'vivant'

const words = embeddingModel({ name: 'words', embed: udf({ name: 'embed', input: [t.text()], output: t.vector(3) }, () => [1, 2, 3]) })
export const things = table('things', {
  text: t.text(),
  maybeText: t.text().nullable(),
  number: t.int(),
  maybeNumber: t.float().nullable(),
  big: t.bigint(),
  maybeBig: t.bigint().nullable(),
  yes: t.boolean(),
  maybe: t.boolean().nullable(),
  at: t.timestamp(),
  maybeAt: t.timestamp().nullable(),
  day: t.date(),
  id: t.uuid(),
  raw: t.binary(),
  json: t.json<{ a?: { b: number[] }; c: string | null }>(),
  song: t.record({ tempo: t.float(), key: t.text().nullable() }),
  tags: t.array(t.text()),
  days: t.array(t.date()).nullable(),
  vector: t.vector(3),
  other: t.vector(4),
  image: t.image(),
  maybeImage: t.image().nullable(),
  video: t.video(),
  audio: t.audio(),
  paper: t.document(),
  file: t.file(),
})
  .computed('loud', (x) => x.text.upper())
  .embeddingIndex('text', words)

export type Things = SchemaOf<typeof things>
/** Only compiled where the callback says so, else run with the row of a computed column as well. */
export function withRow(use: (x: Row<Things>) => Expression): void {
  things.computed('new', use)
}
