import { beforeAll, expect, test } from 'vitest'
import { buildPackages, errorsByLine } from './build-packages.ts'

/** Each is a mistake on one line, and what the compiler must say of it: the sentence that is to be read, and no alias that hides it. */
const mistakes: Readonly<Record<string, readonly [code: string, message: string]>> = {
  'wrong column name': ['db.videos.where((v) => v.brightnes.lt(40))', "Property 'brightnes' does not exist on type 'QueryRow<Schema<\"videos\""],
  'and which one is meant': ['db.videos.where((v) => v.brightnes.lt(41))', "Did you mean 'brightness'?"],
  'number compared with text': [
    "db.videos.where((v) => v.brightness.lt('40'))",
    "Argument of type 'string' is not assignable to parameter of type 'number | Expression<NumberType, never>'.",
  ],
  'text compared with a number column': ['db.videos.where((v) => v.title.eq(v.brightness))', 'Type \'"number"\' is not assignable to type \'"text"\'.'],
  'a value that the enum does not have': ["db.videos.where((v) => v.state.eq('gone'))", '\'"draft" | "live" | Expression<'],
  'not a condition': ['db.videos.where((v) => v.brightness)', "is not assignable to type 'Condition'"],
  'operators of JavaScript': [
    'db.videos.where((v) => v.brightness < 40)',
    "Operator '<' cannot be applied to types 'NumberExpression<null> & HasCell' and 'number'",
  ],
  'a row that is no array': ['db.videos.insert(row)', 'RowsToInsert<'],
  'missing required field in an array': [
    "db.videos.insert([row, { title: 'Bangkok', frame: './b.jpg' }])",
    "Property 'slug' is missing in type '{ title: string; frame: string; }' but required in type '{ slug: string;",
  ],
  'unknown field': ["db.videos.insert([{ ...row, titel: 'Bangkok' }])", "'titel' does not exist in type"],
  'and which one it may be': ["db.videos.insert([{ ...row, titel: 'Paris' }])", "Did you mean to write 'title'?"],
  'wrong type of a field': ['db.videos.insert([{ ...row, title: 5 }])', "Type 'number' is not assignable to type 'string'."],
  'writing a computed column': ['db.videos.insert([{ ...row, brightness: 5 }])', "'brightness' is computed: Vivant writes it, an insert or update cannot"],
  'updating a computed column': [
    "db.videos.where((v) => v.dark).update({ thumb: './x.jpg' })",
    "'thumb' is computed: Vivant writes it, an insert or update cannot",
  ],
  'similarity without an index': [
    "db.videos.orderBy((v) => v.title.similarity('a red car'))",
    'similarity() needs an embedding index: add one to this column with .addEmbeddingIndex(column, model)',
  ],
  'a question that the model does not understand': [
    'db.videos.orderBy((v) => v.frame.similarity(5))',
    "Argument of type 'number' is not assignable to parameter of type 'string | Expression<ValueType, null> | Float32Array<ArrayBufferLike>'.",
  ],
  'a model for another type of column': [
    "db.videos.addEmbeddingIndex('title', pictures)",
    'VivantTypeError<"this model embeds image, but the column \'title\' is text">',
  ],
  'an index on no column': ["db.videos.addEmbeddingIndex('titel', words)", 'Argument of type \'"titel"\' is not assignable to parameter of type \'"'],
  'a column that is there already': [
    "db.videos.addComputedColumn('title', (v) => v.title.upper())",
    "VivantTypeError<\"'videos' already has a column 'title'\">",
  ],
  'a reserved name of a computed column': [
    "db.videos.addComputedColumn('_x', (v) => v.title.upper())",
    "'_x' is a reserved name: no '_' at the start, no '$', and no 'parent' or 'pos' in a view",
  ],
  'a reserved name of a column': ["table('x', { _id: t.int() })", 'VivantTypeError<"\'_id\' is a reserved name here">'],
  'a value where an expression is expected': [
    "db.videos.addComputedColumn('n', () => 5)",
    "Type 'number' is not assignable to type 'Expression<ValueType, null>'.",
  ],
  'argument of a function': ["db.videos.addComputedColumn('n', (v) => shout(v.year))", "parameter of type 'string | Expression<TextType<string>, null>'."],
  'option of a picture’s function': [
    "db.videos.addComputedColumn('n', (v) => image.resize(v.frame, { widht: 320 }))",
    "Object literal may only specify known properties, and 'widht' does not exist in type 'Expression<JsonType<ResizeOptions, ResizeOptions>, null> | ResizeOptions'.",
  ],
  'result of a function': [
    'udf({ input: [t.text()], output: t.int() }, (text) => text.trim())',
    "Type 'string' is not assignable to type 'MaybePromise<number>'.",
  ],
  'result of a batch function': [
    'udf({ input: [t.text()], output: t.int(), batch: 2 }, (texts) => texts.length)',
    "Type 'number' is not assignable to type 'MaybePromise<readonly (number | Error)[]>'.",
  ],
  'null for a non-null argument': [
    'shout(null)',
    "Argument of type 'null' is not assignable to parameter of type 'string | Expression<TextType<string>, null>'.",
  ],
  'upsert on a column that is not unique': ["db.videos.upsert([row], { on: 'title' })", 'Type \'"title"\' is not assignable to type \'"slug" | '],
  'waiting for a column that is not computed': ["db.videos.insert([row], { wait: ['title'] })", 'Type \'"title"\' is not assignable to type \'"brightness" | '],
  'a definition named like a method': ["connect('', { define: { status: videos } })", 'db.status is a method: export this definition under another name'],
  'two types in when()': [
    'db.videos.select((v) => ({ x: when(v.dark, v.title, 1) }))',
    "Argument of type '1' is not assignable to parameter of type 'string | Expression<TextType<string>, null> | null'.",
  ],
  'a nullable result used as if it were there': ['void (await db.videos.executeTakeFirstOrThrow()).brightness.toFixed()', "is possibly 'null'"],
  'a database that is not awaited': ['await using other = connect()', "The initializer of an 'await using' declaration must be either an object with a"],
  'an option of a query': ['db.videos.fresh({ timeout: 3 })', "'timeout' does not exist in type 'FreshOptions'"],
  'a column that is not computed': ["db.videos.recompute('title')", 'Argument of type \'"title"\' is not assignable to parameter of type \'"brightness" | '],
  'failures of a column that is not computed': ["db.videos.failures({ column: 'title' })", 'Type \'"title"\' is not assignable to type \'"brightness" | '],
  'dropping no column': ["db.videos.dropColumn('titel')", 'Argument of type \'"titel"\' is not assignable to parameter of type \'"'],
  'renaming to a name that is taken': ["db.videos.renameColumn('title', 'slug')", "VivantTypeError<\"'videos' already has a column 'slug'\">"],
  'an insert lists what its fields take': ["db.videos.insert([{ slug: 'b', title: 'x' }])", 'frame: '],
  'a name that is no table’s column': ["db.videos.addIndex(['titel'])", 'Type \'"titel"\' is not assignable to type \'"'],
}

const preamble = `import { connect, embeddingModel, t, table, udf, when } from 'vivant'
import { image } from 'vivant/image'
const words = embeddingModel({ name: 'words', embed: udf({ name: 'embed', input: [t.text()], output: t.vector(3) }, () => [1, 2, 3]) })
const see = udf({ name: 'see', input: [t.image()], output: t.vector(3) }, () => [1, 2, 3])
const ask = udf({ name: 'ask', input: [t.text()], output: t.vector(3) }, () => [1, 2, 3])
const pictures = embeddingModel({ name: 'pictures', embed: see, embedQuery: ask })
const shout = udf({ name: 'shout', input: [t.text()], output: t.text() }, (text) => text.toUpperCase())
const row = { slug: 'b', title: 'Bangkok', frame: './b.jpg' }
const videos = table('videos', { slug: t.text().unique(), title: t.text(), frame: t.image(), year: t.int().nullable(), state: t.enum('draft', 'live').default('draft') })
  .computed('brightness', (v) => image.meanLuma(v.frame))
  .computed('thumb', (v) => image.thumbnail(v.frame))
  .computed('dark', (v) => v.brightness.lt(40))
  .embeddingIndex('frame', pictures)
const db = await connect('memory:', { define: { videos } })
`

const lines = Object.values(mistakes).map(([code], index) =>
  code.startsWith('await using') ? `{ ${code} }` : `export const _${index} = async () => { ${code} }`,
)
let errors: ReadonlyMap<number, string>

beforeAll(async () => {
  await buildPackages()
  errors = await errorsByLine(`${preamble}${lines.join('\n')}\n`)
}, 300_000)

const firstLine = preamble.split('\n').length

test('what is right is no error', () => {
  expect([...errors].filter(([line]) => line < firstLine)).toEqual([])
})

test.each(Object.entries(mistakes).map(([name, [, message]], index) => ({ name, message, index })))('$name', ({ message, index }) => {
  const said = errors.get(firstLine + index) ?? ''
  expect(said).toContain(message)
  // what is printed is a sentence, not a screenful
  expect(said.length).toBeLessThan(1500)
})
