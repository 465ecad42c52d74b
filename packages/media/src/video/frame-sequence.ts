import { setTimeout as sleep } from 'node:timers/promises'
import { VivantError } from '@vivant/core'
import { throwIfAborted } from '../content/throw-if-aborted.ts'
import type { OpenVideo } from './frame-stamps.ts'
import { readPictures, type WantedFrame } from './read-pictures.ts'
import type { RgbFrame } from './rgb-frame.ts'

export interface SequenceOptions {
  /** Opens the video; once for each pass over it. */
  readonly open: () => Promise<OpenVideo & AsyncDisposable>
  readonly signal: AbortSignal
  /** Decoded frames that wait to be read may take so much. */
  readonly heldBytes: number
  /** A decoder from which nobody reads is ended after this. */
  readonly idleMs: number
  /** Is told how long a pass took to its first frame: opening the video and finding the place. */
  readonly onStart?: (ms: number) => void
}

interface Frame extends WantedFrame {
  /** How often it will be read, as far as is known. */
  expected: number
  waiting: { readonly resolve: (picture: RgbFrame) => void; readonly reject: (error: Error) => void }[]
  picture: RgbFrame | undefined
  isMissing: boolean
}

/** What one pass decodes: the arguments of a program have an end. */
const framesOfPass = 4096

/**
 * Frames of one video for many readers. All that are expected are decoded in one pass, from the first that is read on; a
 * pass runs ahead of its readers as far as there is room. Whoever reads a frame that has gone by starts another pass.
 */
export class FrameSequence {
  readonly #frames = new Map<number, Frame>()
  readonly #options: SequenceOptions
  #heldBytes = 0
  #isRunning = false
  #wake: (() => void) | undefined

  constructor(options: SequenceOptions) {
    this.#options = options
  }

  /** Says that a frame will be read once more. */
  expect(wanted: WantedFrame): void {
    this.#frame(wanted).expected++
  }

  async read(wanted: WantedFrame): Promise<RgbFrame> {
    throwIfAborted(this.#options.signal)
    const frame = this.#frame(wanted)
    frame.expected = Math.max(0, frame.expected - 1)
    if (frame.picture) return this.#give(frame, frame.picture)
    const read = new Promise<RgbFrame>((resolve, reject) => frame.waiting.push({ resolve, reject }))
    this.#wake?.()
    if (!this.#isRunning) void this.#run()
    return read
  }

  #frame({ index, pts }: WantedFrame): Frame {
    const known = this.#frames.get(index)
    if (known) return known
    const frame: Frame = { index, pts, expected: 0, waiting: [], picture: undefined, isMissing: false }
    this.#frames.set(index, frame)
    return frame
  }

  #give(frame: Frame, picture: RgbFrame): RgbFrame {
    if (frame.expected === 0) {
      if (frame.picture) this.#heldBytes -= picture.data.byteLength
      this.#frames.delete(frame.index)
      this.#wake?.()
    }
    return picture
  }

  /** Passes until nobody waits. */
  async #run(): Promise<void> {
    this.#isRunning = true
    for (let plan = this.#plan(); plan.length > 0; plan = this.#plan()) {
      try {
        await this.#pass(plan)
      } catch (error) {
        for (const frame of plan) this.#fail(frame, error instanceof Error ? error : new Error(String(error)))
      }
    }
    this.#isRunning = false
  }

  /** From the first frame that is waited for: it and those that are expected behind it. */
  #plan(): Frame[] {
    const open = [...this.#frames.values()].filter((frame) => frame.waiting.length > 0 || (frame.expected > 0 && !frame.picture))
    const from = Math.min(...open.filter((frame) => frame.waiting.length > 0).map(({ index }) => index))
    return open
      .filter(({ index }) => index >= from)
      .toSorted((left, right) => left.index - right.index)
      .slice(0, framesOfPass)
  }

  async #pass(plan: readonly Frame[]): Promise<void> {
    const began = performance.now()
    await using open = await this.#options.open()
    let isFirst = true
    const left = new Map(plan.map((frame) => [frame.index, frame]))
    for await (const { index, picture } of readPictures(open, plan, { signal: this.#options.signal })) {
      if (isFirst) this.#options.onStart?.(performance.now() - began)
      isFirst = false
      const frame = left.get(index)!
      left.delete(index)
      this.#deliver(frame, picture)
      if (!(await this.#room(left))) return
    }
    // What its place did not find is looked for by its number, from the beginning; then it is not there.
    for (const frame of left.values()) {
      if (frame.isMissing || frame.pts === null) this.#fail(frame, missing(frame))
      else this.#frames.set(frame.index, Object.assign(frame, { pts: null, isMissing: true }))
    }
  }

  #deliver(frame: Frame, picture: RgbFrame): void {
    for (const { resolve } of frame.waiting.splice(0)) resolve(picture)
    if (frame.expected > 0 && !frame.picture) {
      frame.picture = picture
      this.#heldBytes += picture.data.byteLength
    } else if (frame.expected === 0) this.#frames.delete(frame.index)
  }

  #fail(frame: Frame, error: Error): void {
    for (const { reject } of frame.waiting.splice(0)) reject(error)
    if (!frame.picture) this.#frames.delete(frame.index)
  }

  /** Waits while as much is held as may be. False: this pass is of no more use. */
  async #room(left: ReadonlyMap<number, Frame>): Promise<boolean> {
    while (true) {
      if (this.#heldBytes < this.#options.heldBytes) return true
      const waiting = [...this.#frames.values()].filter((frame) => frame.waiting.length > 0)
      if (waiting.some(({ index }) => left.has(index))) {
        this.#dropOldest()
        return true
      }
      if (waiting.length > 0) return false
      const woken = new Promise<true>((resolve) => (this.#wake = () => resolve(true)))
      const idle = new AbortController()
      const isRead = await Promise.race([woken, sleep(this.#options.idleMs, false, { signal: idle.signal, ref: false })])
      idle.abort()
      this.#wake = undefined
      throwIfAborted(this.#options.signal)
      if (!isRead) return false
    }
  }

  #dropOldest(): void {
    const [oldest] = [...this.#frames.values()].filter(({ picture }) => picture).toSorted((left, right) => left.index - right.index)
    if (!oldest?.picture) return
    this.#heldBytes -= oldest.picture.data.byteLength
    oldest.picture = undefined
  }
}

function missing({ index }: Frame): VivantError {
  return new VivantError('MEDIA_INVALID', `Frame ${index} cannot be read: the video has no such frame, or its data are damaged.`, { details: { frame: index } })
}
