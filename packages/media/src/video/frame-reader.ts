import type { Image, MediaStore } from '@vivant/core'
import type { OpenVideo } from './frame-stamps.ts'
import { createFrameHandle } from './frame-handle.ts'
import { type FrameReference, parseFrameReference } from './frame-reference.ts'
import { FrameSequence } from './frame-sequence.ts'
import { openVideo } from './open-video.ts'
import type { RgbFrame } from './rgb-frame.ts'

export interface FrameReaderOptions {
  readonly store: MediaStore
  /** Decoded frames of one video that wait to be read. Default 64 MB. */
  readonly heldBytes?: number
  /** A decoder from which nobody reads is ended after this. Default 5,000. */
  readonly idleMs?: number
}

const defaultHeldBytes = 64 * 1024 ** 2
const defaultIdleMs = 5000
/** Videos whose headers are remembered. */
const rememberedVideos = 200

const probes = new Map<string, Promise<OpenVideo>>()

/**
 * Reads frames that are not stored, for a batch of rows: the handles made by one reader are read in one sequential decode
 * of each video. Disposing it ends its decoders.
 */
export class FrameReader implements Disposable {
  readonly #options: FrameReaderOptions
  readonly #sequences = new Map<string, FrameSequence>()
  readonly #ended = new AbortController()
  #startMs: number | undefined

  constructor(options: FrameReaderOptions) {
    this.#options = options
  }

  /** A handle on a frame; null when the reference names no part of a medium. */
  handle(reference: string): Image | null {
    const frame = parseFrameReference(reference)
    if (!frame) return null
    const sequence = this.#sequence(frame)
    sequence.expect(frame)
    return createFrameHandle(reference, { read: () => sequence.read(frame), store: this.#options.store })
  }

  /** How long the first decoder took to its first frame: what reading takes however many frames are read. */
  get startMs(): number {
    return this.#startMs ?? 0
  }

  /** The pixels of one frame. */
  read(frame: FrameReference): Promise<RgbFrame> {
    return this.#sequence(frame).read(frame)
  }

  [Symbol.dispose](): void {
    this.#ended.abort()
    this.#sequences.clear()
  }

  #sequence({ key }: FrameReference): FrameSequence {
    const known = this.#sequences.get(key)
    if (known) return known
    const { store, heldBytes = defaultHeldBytes, idleMs = defaultIdleMs } = this.#options
    const { signal } = this.#ended
    const sequence = new FrameSequence({ open: () => openStored(store, key, signal), signal, heldBytes, idleMs, onStart: (ms) => (this.#startMs ??= ms) })
    this.#sequences.set(key, sequence)
    return sequence
  }
}

/** A video of the store; what its header says is remembered by its content. */
async function openStored(store: MediaStore, key: string, signal: AbortSignal): Promise<OpenVideo & AsyncDisposable> {
  const file = await store.localFile(key)
  try {
    const probing = probes.get(key) ?? openVideo(file.path, { signal })
    probes.delete(key)
    probes.set(key, probing)
    probing.catch(() => probes.delete(key))
    if (probes.size > rememberedVideos) probes.delete(probes.keys().next().value!)
    return { ...(await probing), path: file.path, [Symbol.asyncDispose]: () => file[Symbol.asyncDispose]() }
  } catch (error) {
    await file[Symbol.asyncDispose]()
    throw error
  }
}
