import { connect, t } from 'vivant'
import { chunks } from 'vivant/document'
import { freshDatabase, secondsOf, type Scenario } from '../scenario.ts'

const documents = 100
const paragraphs = 100

/** 10,000 chunks of 100 HTML documents as rows of a view, beside the same iterator without a database. */
export const documentChunks: Scenario = {
  name: 'document-chunks',
  run: async (serverUrl) => {
    await using database = await freshDatabase(serverUrl)
    await using db = await connect(database.url, { worker: true })
    const docs = await db.createTable('docs', { file: t.document() })
    const parts = await db.createView('parts', { of: docs, iterate: (doc) => chunks(doc.file, { by: 'paragraph' }) })
    const files = Array.from({ length: documents }, (_, index) => html(index))
    // the process that reads documents is there
    await Array.fromAsync(chunks(files[0]!, { by: 'paragraph' }))
    const bare = await secondsOf(async () => {
      for (const file of files) await Array.fromAsync(chunks(file, { by: 'paragraph' }))
    })
    const seconds = await secondsOf(async () => {
      await docs.insert(files.map((file) => ({ file })))
      await db.settled()
    })
    const count = await parts.count()
    if (count !== documents * paragraphs) throw new Error(`${count} chunks instead of ${documents * paragraphs}`)
    return [
      {
        work: `${count} document chunks, documents inserted and checked`,
        budget: '',
        measured: `${seconds.toFixed(1)} s`,
        bare: `${bare.toFixed(1)} s`,
        ratio: bare / seconds,
      },
    ]
  },
}

function html(index: number): Buffer {
  const body = Array.from(
    { length: paragraphs },
    (_, part) => `<p>Document ${index} says in part ${part}: ${'rivers, bridges and the weather; '.repeat(12)}</p>`,
  )
  return Buffer.from(`<!doctype html><title>${index}</title><body>${body.join('\n')}`)
}
