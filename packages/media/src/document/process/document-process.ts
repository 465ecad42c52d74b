// A process that reads documents for another: alone with what may be broken or hostile. Started by `reading-process.ts`.
import { Worker as Thread } from 'node:worker_threads'
import { problemOf } from '../document-problem.ts'
import type { DocumentReply, DocumentRequest } from './document-job.ts'
import { runTask } from './run-task.ts'

/** Items are sent together, up to this many or so many characters and bytes. */
const pieceItems = 500
const pieceSize = 1024 ** 2

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
new Thread(new URL(`memory-watch.${extension}`, import.meta.url)).unref()

let items: AsyncGenerator | undefined

process.on('message', (request: DocumentRequest) => {
  if (request.type === 'open') items = runTask(request.job)
  else if (request.type === 'next') void next().then((reply) => process.send?.(reply))
  else void items?.return(undefined).catch(() => {})
})
// Whoever started it is gone.
process.on('disconnect', () => process.exit())
// What a parser leaves behind fails later, when nobody waits for it: the answer is what its caller was given.
process.on('unhandledRejection', () => {})

async function next(): Promise<DocumentReply> {
  const piece: unknown[] = []
  try {
    for (let size = 0; piece.length < pieceItems && size < pieceSize;) {
      const result = await items?.next()
      if (!result || result.done) return { type: 'items', items: piece, done: true }
      piece.push(result.value)
      size += sizeOf(result.value)
    }
    return { type: 'items', items: piece, done: false }
  } catch (error) {
    return { type: 'failed', reason: problemOf(error) }
  }
}

function sizeOf(item: unknown): number {
  const { text, image } = item as { readonly text?: string; readonly image?: Uint8Array }
  return (text?.length ?? 0) + (image?.byteLength ?? 0) + 100
}
