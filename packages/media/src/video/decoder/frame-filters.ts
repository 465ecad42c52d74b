import type { FrameSelection, FrameSize } from './video-decoder.ts'
import type { VideoStream } from './media-probe.ts'

/** FFmpeg's filters from a decoded frame to rows of red, green and blue, as it is seen. */
export function pixelFilters({ turns }: VideoStream, { width, height }: FrameSize): string {
  return [...turns, `scale=${width}:${height}:flags=bicubic`, 'format=rgb24'].join(',')
}

/** An expression of FFmpeg's filter `select` that is true for these frames; even steps are told as such. */
export function selectExpression(selection: FrameSelection): string {
  const [variable, values] = 'pts' in selection ? ['pts', selection.pts] : ['n', selection.index]
  const terms: string[] = []
  for (let from = 0; from < values.length;) {
    const run = runFrom(values, from)
    const [first, last] = [values[from]!, values[from + run - 1]!]
    if (run < 3) terms.push(`eq(${variable},${first})`)
    else terms.push(`between(${variable},${first},${last})*not(mod(${variable}-${first},${values[from + 1]! - first}))`)
    from += run < 3 ? 1 : run
  }
  return terms.join('+') || '0'
}

/** How many values from here on have the same distance. */
function runFrom(values: readonly number[], from: number): number {
  const step = (values[from + 1] ?? Number.NaN) - values[from]!
  let run = 1
  while (values[from + run] === values[from + run - 1]! + step) run++
  return run
}
