import { embeddingModel, lit, now, obj, prompt, resource, t, table, udf, when } from 'vivant'

// As a user's library would export it: every type here is inferred, and must be nameable through 'vivant' alone.

export const wordCount = udf({ name: 'word_count', input: [t.text()], output: t.int() }, (text) => text.split(/\s+/u).length)
export const song = udf(
  { name: 'song', input: [t.audio(), t.json<{ fast: boolean }>().default({ fast: true })], output: { lyrics: t.text(), tempo: t.float().nullable() } },
  async () => ({
    lyrics: '',
    tempo: null,
  }),
)
export const embed = udf({ name: 'embed', input: [t.text()], output: t.vector(3), batch: 16 }, (texts, { ids }) =>
  texts.map((_, index) => [ids[index] ?? 0, 1, 2]),
)
export const model = embeddingModel({ name: 'meaning', embed })
export const connection = resource({ name: 'connection', create: () => new Map<string, string>() })

export const authors = table('authors', { name: t.text().unique(), born: t.date().nullable(), id: t.uuid() })
export const posts = table(
  'posts',
  {
    slug: t.text().min(3).unique(),
    author: t.text().references(authors, { column: 'name' }),
    state: t.enum('draft', 'live').default('draft'),
    price: t.float().check((price) => price.gt(0)),
    stock: t.bigint().default(0n),
    tags: t.array(t.text()),
    at: t.timestamp(),
    meta: t.json<{ color: string }>(),
    track: t.record({ tempo: t.float(), key: t.text().nullable() }),
    cover: t.image().nullable(),
    clip: t.video(),
    sound: t.audio(),
    paper: t.document(),
    raw: t.binary(),
    any: t.file(),
    ok: t.boolean(),
  },
  { index: [['slug', 'at']] },
)
  .computed('words', (post) => wordCount(post.slug))
  .computed('long', (post) => post.words.gt(10), { onError: 'null' })
  .computed('heard', (post) => song(post.sound), { when: (post) => post.ok })
  .computed('tempo', (post) => post.heard.tempo)
  .computed('text', (post) => prompt`About ${post.slug}`)
  .computed('card', (post) => obj({ slug: post.slug, at: post.at }))
  .computed('which', (post) => when(post.ok, post.slug, lit('none')))
  .computed('old', (post) => post.at.lt(now()))
  .computed('first', (post) => post.tags.at(0))
  .computed('wide', (post) => post.cover.width)
  .embeddingIndex('slug', model)
