import { posix } from 'node:path'
import { type Archive, openArchive, readRequired } from '../archive/open-archive.ts'
import type { DocumentContent } from '../document-content.ts'
import { DocumentProblem } from '../document-problem.ts'
import { readCoreProperties } from './core-properties.ts'
import { readHtml } from './parse-html.ts'
import { readXml } from './read-xml.ts'
import { TextBuilder } from './text-builder.ts'

/** EPUB (W3C EPUB 3.3): the documents of the spine in reading order, each a page. */
export async function parseEpub(bytes: Uint8Array): Promise<DocumentContent> {
  using archive = await openArchive(bytes)
  let opf: string | undefined
  readXml(await readRequired(archive, 'META-INF/container.xml'), {
    open: (name, attributes) => (name.endsWith('rootfile') ? (opf ??= attributes['full-path']) : undefined),
  })
  if (opf === undefined) throw new DocumentProblem('its container names no package')
  const hrefs = new Map<string, string>()
  const spine: string[] = []
  readXml(await readRequired(archive, opf), {
    open: (name, { id, href, idref, linear }) => {
      const local = name.split(':').at(-1)
      if (local === 'item' && id !== undefined && href !== undefined) hrefs.set(id, href)
      else if (local === 'itemref' && idref !== undefined && linear !== 'no') spine.push(idref)
    },
  })
  const encrypted = await encryptedParts(archive)
  const builder = new TextBuilder()
  for (const idref of spine) {
    const href = hrefs.get(idref)
    if (href === undefined) continue
    const part = posix.join(posix.dirname(opf), decodeHref(href))
    if (encrypted.has(part)) throw new DocumentProblem('it is protected against copying (DRM)')
    const html = await archive.read(part)
    if (html === null) throw new DocumentProblem(`its part ${part} is missing`)
    builder.page()
    readHtml(new TextDecoder().decode(html), builder, { xhtml: true })
  }
  return { format: 'epub', ...(await readCoreProperties(archive, opf)), ...builder.finish() }
}

/** Fonts are often obfuscated, which the same file lists; only texts matter here. */
async function encryptedParts(archive: Archive): Promise<ReadonlySet<string>> {
  const parts = new Set<string>()
  const xml = await archive.read('META-INF/encryption.xml')
  if (xml)
    readXml(xml, {
      open: (name, { URI }) => (name.endsWith('CipherReference') && URI !== undefined ? parts.add(decodeHref(URI)) : undefined),
    })
  return parts
}

function decodeHref(href: string): string {
  const [path = ''] = href.split('#', 1)
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
