import { crc32 } from 'node:zlib'
import yauzl from 'yauzl'
import { documentLimits } from '../document-limits.ts'
import { DocumentProblem } from '../document-problem.ts'

/** The files in a ZIP archive. Nothing is ever written anywhere. */
export interface Archive {
  readonly names: readonly string[]
  /** The content of a file, whole and with the right checksum; null when there is none of that name. */
  read(name: string): Promise<Buffer | null>
  /** Reads every file to its end, keeping nothing: what another library is to inflate is as large as it says, and intact. */
  verify(): Promise<void>
}

export interface ArchiveOptions {
  readonly maxInflatedBytes?: number
}

/**
 * Opens an archive by its directory. Refused, before anything is inflated: too many files, more bytes than allowed, names
 * that lead out of the archive (`../`, `/`, `C:`), encrypted files. A file that has more bytes than it says is refused
 * where they begin (yauzl).
 *
 * @throws DocumentProblem
 */
export async function openArchive(source: Uint8Array | string, options: ArchiveOptions = {}): Promise<Archive & Disposable> {
  const { maxInflatedBytes = documentLimits.maxInflatedBytes } = options
  const zip = await open(source)
  const entries = new Map<string, yauzl.Entry>()
  let inflatedBytes = 0
  try {
    for await (const entry of zip.eachEntry()) {
      if (entries.size >= documentLimits.maxEntries) throw new DocumentProblem(`its archive has more than ${documentLimits.maxEntries} files`)
      if (entry.isEncrypted()) throw new DocumentProblem('it is protected by a password')
      inflatedBytes += entry.uncompressedSize
      if (inflatedBytes > maxInflatedBytes) throw new DocumentProblem(`its archive unpacks to more than the ${maxInflatedBytes} bytes that are allowed`)
      if (!entry.fileName.endsWith('/')) entries.set(entry.fileName, entry)
    }
  } catch (error) {
    zip.close()
    throw error instanceof DocumentProblem ? error : new DocumentProblem(`its archive is damaged: ${reasonOf(error)}`)
  }
  const read = async (name: string): Promise<Buffer | null> => {
    const entry = entries.get(name)
    if (!entry) return null
    const chunks: Buffer[] = []
    for await (const chunk of inflated(zip, entry)) chunks.push(chunk)
    return Buffer.concat(chunks)
  }
  const verify = async (): Promise<void> => {
    for (const entry of entries.values()) for await (const _ of inflated(zip, entry));
  }
  return { names: [...entries.keys()], read, verify, [Symbol.dispose]: () => zip.close() }
}

/** A file of an archive that cannot do without it. */
export async function readRequired(archive: Archive, name: string): Promise<Buffer> {
  const content = await archive.read(name)
  if (content === null) throw new DocumentProblem(`its part ${name} is missing`)
  return content
}

async function open(source: Uint8Array | string): Promise<yauzl.ZipFile> {
  try {
    if (typeof source === 'string') return await yauzl.openPromise(source, { autoClose: false })
    return await yauzl.fromBufferPromise(Buffer.from(source.buffer, source.byteOffset, source.byteLength))
  } catch (error) {
    throw new DocumentProblem(`its archive is damaged: ${reasonOf(error)}`)
  }
}

async function* inflated(zip: yauzl.ZipFile, entry: yauzl.Entry): AsyncGenerator<Buffer> {
  try {
    let sum = 0
    for await (const chunk of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Buffer>) {
      sum = crc32(chunk, sum)
      yield chunk
    }
    if (sum !== entry.crc32) throw new DocumentProblem(`its part ${entry.fileName} is damaged (wrong checksum)`)
  } catch (error) {
    throw error instanceof DocumentProblem ? error : new DocumentProblem(`its part ${entry.fileName} is damaged: ${reasonOf(error)}`)
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
