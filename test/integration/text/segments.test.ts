import { expect, test } from 'vitest'
import { connect, t } from 'vivant'
import { segments } from 'vivant/text'
import { describeEngines } from '../../engines.ts'

describeEngines('segments of a text', (engine) => {
  test('are the rows of a view, which follows the text', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { worker: true })
    const docs = await db.createTable('docs', { body: t.text() })
    const parts = await db.createView('parts', { of: docs, iterate: (doc) => segments(doc.body, { by: 'sentence' }) })
    await docs.insert([{ body: '# Top\nOne. Two.' }, { body: '' }])
    await db.settled()
    const read = () =>
      parts
        .orderBy((part) => part.start)
        .select(({ text, start, end, headings }) => ({ text, start, end, headings }))
        .execute()
    expect(await read()).toEqual([
      { text: '# Top', start: 0, end: 5, headings: ['Top'] },
      { text: 'One.', start: 6, end: 10, headings: ['Top'] },
      { text: 'Two.', start: 11, end: 15, headings: ['Top'] },
    ])
    await docs.where((doc) => doc.body.ne('')).update({ body: 'Three.' })
    await db.settled()
    expect(await read()).toEqual([{ text: 'Three.', start: 0, end: 6, headings: [] }])
  })
})
