import { type Content, isMemoryContent } from '../content/content.ts'
import { readRange } from '../content/read-range.ts'
import { openArchive } from '../document/archive/open-archive.ts'
import { documentLimits } from '../document/document-limits.ts'
import { DocumentProblem } from '../document/document-problem.ts'

type ContainerCheck = (content: Content) => Promise<string | null>

/**
 * Finds what is wrong with a container from its outer structure alone, without decoding: null, or the reason. It tells
 * files that were cut off, which is how most break on their way.
 */
export function checkContainer(mimeType: string, content: Content): Promise<string | null> {
  return (checks[mimeType] ?? (mimeType.startsWith('application/vnd.o') ? checkZip : accept))(content)
}

const accept: ContainerCheck = async () => null

/** Boxes of ISO base media (ISO/IEC 14496-12): each says its length, the whole must fit, and `moov` must be there. */
const checkBoxes: ContainerCheck = async (content) => {
  let described = false
  for (let offset = 0; offset < content.sizeBytes;) {
    const header = Buffer.from(await readRange(content, offset, 16))
    if (header.byteLength < 8) return described ? null : 'it ends within the header of a box'
    const type = header.toString('latin1', 4, 8)
    let size = header.readUInt32BE(0)
    if (size === 1 && header.byteLength < 16) return 'it ends within the header of a box'
    if (size === 1) size = Number(header.readBigUInt64BE(8))
    if (size === 0) size = content.sizeBytes - offset
    if (size < 8) return described ? null : `the box '${type}' says that it has ${size} bytes`
    if (type === 'moov' || type === 'moof') described = true
    if (offset + size > content.sizeBytes) return `it is cut off: the box '${type}' needs ${size} bytes, ${content.sizeBytes - offset} are left`
    offset += size
  }
  return described ? null : "it has no 'moov' box, which describes the streams"
}

const checkPdf: ContainerCheck = async (content) => {
  const tail = Buffer.from(await readRange(content, Math.max(0, content.sizeBytes - 8192), 8192)).toString('latin1')
  return tail.includes('startxref') || tail.includes('%%EOF') ? null : 'it is cut off: the end of a PDF file (startxref) is missing'
}

/** Office files and EPUB are ZIP archives. Their directory says whether one is cut off, leads out of itself, or unpacks to more than anybody reads. */
const checkZip: ContainerCheck = async (content) => {
  try {
    // What is stored as it is (films in a presentation) may be large; a bomb is what grows.
    const maxInflatedBytes = Math.max(documentLimits.maxInflatedBytes, 2 * content.sizeBytes)
    using _archive = await openArchive(isMemoryContent(content) ? content.bytes : content.path, { maxInflatedBytes })
    return null
  } catch (error) {
    if (error instanceof DocumentProblem) return error.message
    throw error
  }
}

const checks: Readonly<Record<string, ContainerCheck>> = {
  'video/mp4': checkBoxes,
  'video/quicktime': checkBoxes,
  'video/x-m4v': checkBoxes,
  'video/3gpp': checkBoxes,
  'video/3gpp2': checkBoxes,
  'audio/mp4': checkBoxes,
  'audio/x-m4a': checkBoxes,
  'application/pdf': checkPdf,
  'application/epub+zip': checkZip,
}
