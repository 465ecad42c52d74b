// npm run demo: pictures in a table that computes, on the embedded engine. Everything lies in ./demo-output.
import { mkdir, readdir, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { connect, t, udf } from 'vivant'
import { image } from 'vivant/image'
import { contactSheet } from './contact-sheet.ts'
import { progressBar } from './progress-bar.ts'

const images = fileURLToPath(new URL('../pictures/images/', import.meta.url))
const output = fileURLToPath(new URL('../../demo-output/', import.meta.url))
const say = (text: string): void => console.log(`\n\u001B[1m${text}\u001B[0m`)

await rm(output, { recursive: true, force: true })
await mkdir(output, { recursive: true })

say('1. A table with a media column, and columns that compute themselves')
await using db = await connect(`${output}database`)
const pictures = await db
  .createTable('pictures', { title: t.text().unique(), picture: t.image() })
  .addComputedColumn('thumb', (p) => image.thumbnail(p.picture, { size: 128, square: true }))
  .addComputedColumn('brightness', (p) => image.meanLuma(p.thumb))
console.log('   pictures(title, picture) + thumb = image.thumbnail(picture) + brightness = image.meanLuma(thumb)')

say('2. Rows arrive; one file is broken')
const names = (await readdir(images)).filter((name) => /\.(?:jpg|png|webp)$/u.test(name))
const rows = names.map((name) => ({ title: name, picture: `${images}${name}` }))
const { count, invalid } = await pictures.insert(rows, { onInvalid: 'skip' })
for (const problem of invalid) console.log(`   left out: ${rows[problem.index]?.title}: ${problem.reason}`)
console.log(`   ${count} pictures inserted; their cells fill in by themselves`)
await progressBar('   thumb, brightness', (onProgress) => db.settled({ onProgress }))

say('3. Columns added to a table that has rows: a backfill, while readers and writers go on')
const describe = udf({ name: 'describe', input: [t.text(), t.float()], output: t.text() }, (title, brightness) => {
  if (title.startsWith('fruit-2')) throw new Error('no words for this one')
  return `${brightness < 60 ? 'a dark' : 'a bright'} ${title.replace(/-\d.*$/u, '').replaceAll('-', ' ')}`
})
const described = await pictures
  .addComputedColumn('dark', (p) => p.brightness.lt(60))
  .addComputedColumn('caption', (p) => describe(p.title, p.brightness))
  .addEmbeddingIndex('picture', image.appearance())
await progressBar('   caption, appearance', (onProgress) => db.settled({ onProgress }))
for (const failure of await described.failures()) console.log(`   failed: row ${failure.id}, ${failure.column}: ${failure.message}`)

say('4. A row by plain SQL; a URL that SQL may not name')
await db.kysely
  .insertInto('pictures')
  .values({ title: 'by SQL', picture: await referenceOf('sunset-1.jpg') })
  .execute()
await db.kysely.insertInto('pictures').values({ title: 'not allowed', picture: 'http://169.254.169.254/latest/meta-data' }).execute()
await db.settled()
for (const title of ['by SQL', 'not allowed']) {
  const row = await described
    .where((p) => p.title.eq(title))
    .select((p) => ({ caption: p.caption, status: p.caption.cell.status, brightness: p.brightness }))
    .executeTakeFirstOrThrow()
  console.log(`   ${title}: ${row.caption ?? row.status} ${row.brightness === null ? '' : `(brightness ${row.brightness.toFixed(0)})`}`)
}

say('5. Which pictures look like sea-2.jpg?')
const question = `${images}sea-2.jpg`
const hits = await described
  .ready()
  .where((p) => p.title.ne('sea-2.jpg'))
  .orderBy((p) => p.picture.similarity(question), 'desc')
  .limit(5)
  .select((p) => ({ title: p.title, picture: p.picture, score: p.picture.similarity(question) }))
  .execute()
for (const hit of hits) console.log(`   ${hit.score?.toFixed(3)}  ${hit.title}`)
const sheet = `${output}contact-sheet.png`
await contactSheet(sheet, [
  { label: 'sea-2.jpg', bytes: question },
  ...(await Promise.all(hits.map(async (hit) => ({ label: `${hit.title} ${hit.score?.toFixed(2)}`, bytes: await hit.picture.bytes() })))),
])
console.log(`   the answer as a picture: ${sheet}`)

say('What to type next')
console.log(`   Read examples/pictures/five-minutes.ts, then point connect() at your own PostgreSQL.
   The database stays in ${output}database: connect('${output}database') opens it again.`)

async function referenceOf(title: string): Promise<string> {
  const row = await pictures
    .where((p) => p.title.eq(title))
    .select((p) => ({ picture: p.picture }))
    .executeTakeFirstOrThrow()
  return row.picture.reference
}
