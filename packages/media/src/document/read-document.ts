import { isMedia, isVivantError, type MediaInput, VivantError } from '@vivant/core'
import { limitBytes } from '../content/limit-bytes.ts'
import { memoryContent } from '../content/content.ts'
import { readAll } from '../content/read-all.ts'
import { readRange } from '../content/read-range.ts'
import { throwIfAborted } from '../content/throw-if-aborted.ts'
import { openInput } from '../ingest/open-input.ts'
import { sniffMediaType } from '../inspect/sniff-media-type.ts'
import { documentLimits } from './document-limits.ts'
import { DocumentProblem } from './document-problem.ts'
import type { DocumentItems, DocumentTask } from './process/document-job.ts'
import { acquireProcess } from './process/process-pool.ts'

/**
 * Reads a document in a process of its own (`process/`): its items as they come. A document that breaks its reader, takes
 * too long or too much memory is MEDIA_INVALID with the reason, and nothing else suffers.
 *
 * @throws MEDIA_INVALID, MEDIA_TOO_LARGE, MEDIA_NOT_FOUND
 */
export async function* readDocument<T extends DocumentTask>(document: MediaInput, task: T, signal?: AbortSignal): AsyncGenerator<DocumentItems[T['task']]> {
  throwIfAborted(signal)
  // The turn comes first: what waits holds no bytes.
  const { process, release } = await acquireProcess()
  let isOpen = false
  try {
    const { bytes, mimeType } = await bytesOfDocument(document, signal)
    if (bytes.byteLength === 0) throw new DocumentProblem('it is empty (0 bytes)')
    process.open({ bytes, mimeType, task })
    isOpen = true
    for (;;) {
      const reply = await process.next(signal)
      if (reply.type === 'failed') throw new DocumentProblem(reply.reason)
      isOpen = !reply.done
      yield* reply.items as readonly DocumentItems[T['task']][]
      if (reply.done) return
    }
  } catch (error) {
    throwIfAborted(signal)
    if (!(error instanceof DocumentProblem)) throw error
    throw new VivantError('MEDIA_INVALID', `The document cannot be read: ${error.message}.`, { details: { reason: error.message } })
  } finally {
    if (isOpen && process.isAlive) process.close()
    release()
  }
}

/** Its bytes and what they are. A function in a column is given a handle; one that is called by itself may be given a path, a URL, bytes, … as well. */
async function bytesOfDocument(document: MediaInput, signal: AbortSignal | undefined): Promise<{ readonly bytes: Uint8Array; readonly mimeType: string }> {
  const { maxBytes } = documentLimits
  if (isMedia(document)) {
    const { mimeType, sizeBytes } = await document.metadata()
    if (sizeBytes > maxBytes) throw tooLarge()
    return { bytes: await readAll(limitBytes(await document.stream(), { maxBytes, signal, name: 'the document' })), mimeType }
  }
  await using opened = await openInput(document, { maxBytes, signal }).catch((error: unknown) => {
    throw isVivantError(error, 'MEDIA_TOO_LARGE') ? tooLarge() : error
  })
  const bytes = await readRange(opened.content, 0, opened.content.sizeBytes)
  return { bytes, mimeType: (await sniffMediaType(memoryContent(bytes), opened.hint)).mimeType }
}

function tooLarge(): VivantError {
  const { maxBytes } = documentLimits
  return new VivantError('MEDIA_TOO_LARGE', `The document has more than ${maxBytes} bytes, and larger ones are not read: divide it.`, { details: { maxBytes } })
}
