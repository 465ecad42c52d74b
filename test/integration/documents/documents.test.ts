import { expect, test } from 'vitest'
import { connect, t } from 'vivant'
import { chunks, document, pageImages, rows } from 'vivant/document'
import { pdfDocument, spreadsheet, zip } from '../../../packages/media/src/testing/documents.ts'
import { describeEngines } from '../../engines.ts'

describeEngines('documents in tables', (engine) => {
  test('have their chunks, pages and rows as views; what cannot be read fails its own cells alone', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { worker: true })
    const docs = await db
      .createTable('docs', { name: t.text(), file: t.document() })
      .addComputedColumn('text', (doc) => document.text(doc.file))
      .addComputedColumn('pages', (doc) => document.metadata(doc.file).pages)
    const parts = await db.createView('parts', { of: docs, iterate: (doc) => chunks(doc.file, { by: 'heading' }) })
    const scans = await db.createView('scans', { of: docs, where: (doc) => doc.name.eq('rivers'), iterate: (doc) => pageImages(doc.file, { width: 200 }) })
    const cells = await db.createView('cells', { of: docs, where: (doc) => doc.name.eq('table'), iterate: (doc) => rows(doc.file) })

    // The content decides at the insert, whatever a file is called; what leads out of its archive is not stored.
    const escaping = zip({ mimetype: 'application/epub+zip', '../evil': 'x' })
    const broken = [
      { name: 'png', file: new Uint8Array([0x89, 0x50, 0x4e, 0x47]) },
      { name: 'epub', file: escaping },
      { name: 'none', file: new Uint8Array() },
    ]
    await expect(docs.insert(broken)).rejects.toMatchObject({ code: 'ROW_INVALID', details: { count: 3 } })

    const files = { rivers: await pdfDocument(), locked: await pdfDocument({ password: 'secret' }), table: spreadsheet() }
    await docs.insert(Object.entries(files).map(([name, file]) => ({ name, file })))
    await db.settled()
    expect(
      await docs
        .orderBy((doc) => doc.name)
        .select((doc) => ({ name: doc.name, pages: doc.pages, length: doc.text.length() }))
        .execute(),
    ).toMatchObject([
      { name: 'locked', pages: null, length: null },
      { name: 'rivers', pages: 3 },
      { name: 'table', pages: 2, length: 99 },
    ])
    const message = 'The document cannot be read: it is protected by a password.'
    expect(await docs.failures({ column: 'text' })).toMatchObject([{ id: 2, code: 'MEDIA_INVALID', message }])
    const found = await parts
      .where((part) => part.parent.name.eq('rivers'))
      .orderBy((part) => part.pos)
      .select((part) => ({ text: part.text, start: part.start, end: part.end, page: part.page, headings: part.headings, whole: part.parent.text }))
      .execute()
    expect(found.map(({ page, headings }) => [page, headings])).toEqual([
      [1, ['On rivers']],
      [1, ['On rivers', 'Introduction']],
      [2, ['On rivers', 'Figures']],
      [3, ['On rivers', 'Языки 3']],
    ])
    for (const { text, start, end, whole } of found) expect(whole?.slice(start, end)).toBe(text)
    const pictures = await scans
      .orderBy((scan) => scan.page)
      .select((scan) => ({ page: scan.page, width: scan.image.width }))
      .execute()
    expect(pictures).toEqual([1, 2, 3].map((page) => ({ page, width: 200 })))
    expect(
      await cells
        .where((cell) => cell.sheet.eq('Rivers'))
        .orderBy((cell) => cell.row)
        .select((cell) => ({ length: cell.values.at('Length').as(t.float()) }))
        .execute(),
    ).toEqual([{ length: 1233 }, { length: 3531.5 }])
  })
})
