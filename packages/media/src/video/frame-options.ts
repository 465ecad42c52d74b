import { VivantError } from '@vivant/core'

/** Which frames, and whether they are stored. One of the first five, or none for all. */
export interface FrameOptions {
  /** The first frame of each 1/fps second: never more than the video has. */
  readonly fps?: number
  /** Every n-th, from the first. */
  readonly every?: number
  /** So many, spread evenly from the first to the last; all where there are no more. */
  readonly count?: number
  /** Those that are stored whole, where a decoder can begin. */
  readonly keyframes?: true
  /** What is seen at these times, in seconds from the beginning; a row for each, in ascending order. */
  readonly timestamps?: readonly number[]
  /** Left out: a frame is a reference to its place in the video and decoded when it is read. Else its picture is stored. */
  readonly store?: 'jpeg' | 'webp' | 'png'
  /** 1 to 100, of JPEG and WebP. Default 90. */
  readonly quality?: number
  /** What is done about a video of which parts cannot be decoded: `'error'` (default) fails it, `'skip'` gives the frames that there are. */
  readonly damaged?: 'error' | 'skip'
}

const ways = ['fps', 'every', 'count', 'keyframes', 'timestamps'] as const
const names: ReadonlySet<string> = new Set([...ways, 'store', 'quality', 'damaged'])

/** VALUE_INVALID for what makes no sense. */
export function checkFrameOptions(options: FrameOptions): void {
  for (const name of Object.keys(options)) if (!names.has(name)) throw invalid(`has no option '${name}': ${[...names].join(', ')}`)
  if (options.keyframes !== undefined && !options.keyframes) throw invalid('takes keyframes: true, or nothing')
  const given = ways.filter((way) => options[way] !== undefined)
  if (given.length > 1) throw invalid(`takes one of ${ways.join(', ')}, not ${given.join(' and ')}`)
  const { fps, every, count, timestamps, store, quality, damaged } = options
  if (fps !== undefined && !(Number.isFinite(fps) && fps > 0)) throw invalid(`takes a positive number as fps, not ${fps}`)
  if (every !== undefined && !isCount(every)) throw invalid(`takes a whole number from 1 on as every, not ${every}`)
  if (count !== undefined && !isCount(count)) throw invalid(`takes a whole number from 1 on as count, not ${count}`)
  if (timestamps !== undefined && !(Array.isArray(timestamps) && timestamps.every((time) => Number.isFinite(time) && time >= 0))) {
    throw invalid('takes a list of seconds from 0 on as timestamps')
  }
  if (store !== undefined && !['jpeg', 'webp', 'png'].includes(store)) throw invalid(`can store 'jpeg', 'webp' or 'png', not ${JSON.stringify(store)}`)
  if (quality !== undefined && !(isCount(quality) && quality <= 100)) throw invalid(`takes a whole number from 1 to 100 as quality, not ${quality}`)
  if (damaged !== undefined && damaged !== 'error' && damaged !== 'skip') throw invalid(`takes 'error' or 'skip' as damaged, not ${JSON.stringify(damaged)}`)
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1
}

function invalid(reason: string): VivantError {
  return new VivantError('VALUE_INVALID', `frameIterator ${reason}.`)
}
