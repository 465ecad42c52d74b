import { VivantError } from '@vivant/core'
import type { FrameOptions } from './frame-options.ts'
import type { FrameStamp } from './frame-stamps.ts'

/** Times are told to the microsecond: a frame at 0.0399996 s stands at 0.04. */
const epsilon = 2e-6

type Stamps = AsyncIterable<FrameStamp>

/** The frames that the options ask for. With `count` all of them are looked at first. */
export function selectFrames(stamps: Stamps, options: FrameOptions): AsyncGenerator<FrameStamp, void, undefined> {
  if (options.count !== undefined) return spread(stamps, options.count)
  if (options.timestamps !== undefined) return atTimes(stamps, options.timestamps)
  return filter(stamps, predicate(options))
}

function predicate({ fps, every, keyframes }: FrameOptions): (stamp: FrameStamp) => boolean {
  if (fps !== undefined) return firstOfEach(fps)
  if (every !== undefined) return ({ index }) => index % every === 0
  return keyframes ? ({ keyFrame }) => keyFrame : () => true
}

function firstOfEach(fps: number): (stamp: FrameStamp) => boolean {
  let last = -1
  return ({ timestamp }) => {
    const slot = Math.floor((timestamp + epsilon) * fps)
    if (slot <= last) return false
    last = slot
    return true
  }
}

async function* filter(stamps: Stamps, takes: (stamp: FrameStamp) => boolean): AsyncGenerator<FrameStamp, void, undefined> {
  for await (const stamp of stamps) if (takes(stamp)) yield stamp
}

async function* spread(stamps: Stamps, count: number): AsyncGenerator<FrameStamp, void, undefined> {
  const all: FrameStamp[] = []
  for await (const stamp of stamps) all.push(stamp)
  const given = Math.min(count, all.length)
  for (let place = 0; place < given; place++) yield all[given === 1 ? 0 : Math.round((place * (all.length - 1)) / (given - 1))]!
}

/** At each time, in ascending order, the last frame that began by then: what a player shows. */
async function* atTimes(stamps: Stamps, times: readonly number[]): AsyncGenerator<FrameStamp, void, undefined> {
  const ascending = times.toSorted((left, right) => left - right)
  let next = 0
  let shown: FrameStamp | undefined
  let shownFor = 0
  for await (const stamp of stamps) {
    if (shown) {
      for (; next < ascending.length && ascending[next]! + epsilon < stamp.timestamp; next++) yield shown
      shownFor = stamp.timestamp - shown.timestamp
    }
    shown = stamp
  }
  if (!shown) return
  // The last frame is shown as long as the one before it.
  const end = shown.timestamp + shownFor
  for (const time of ascending.slice(next)) {
    if (time > end + epsilon) throw new VivantError('VALUE_INVALID', `There is no frame at ${time} s: the video ends at ${end.toFixed(3)} s.`)
    yield shown
  }
}
