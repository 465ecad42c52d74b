import type { Archive } from '../archive/open-archive.ts'
import { readXml } from './read-xml.ts'

/** Title and author of an Office file (`docProps/core.xml`), of OpenDocument (`meta.xml`) or an EPUB: Dublin Core in all of them. */
export async function readCoreProperties(
  archive: Archive,
  part: string = 'docProps/core.xml',
): Promise<{ readonly title: string | null; readonly author: string | null }> {
  const xml = await archive.read(part)
  const found: Record<string, string> = {}
  let element = ''
  if (xml)
    readXml(xml, {
      open: (name) => (element = name),
      close: () => (element = ''),
      text: (text) => (element.startsWith('dc:') ? (found[element] = `${found[element] ?? ''}${text}`.slice(0, 1000)) : undefined),
    })
  return { title: found['dc:title']?.trim() || null, author: found['dc:creator']?.trim() || null }
}
