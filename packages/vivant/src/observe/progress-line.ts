import type { SettledProgress } from './run-result.ts'

/** Short waits draw nothing. */
const firstDrawnMs = 1000
const width = 30

export interface ProgressLine {
  readonly draw: (progress: SettledProgress) => void
  /** Takes the line away. */
  readonly clear: () => void
}

/** One line on stderr that says how far a wait is; null when that is no terminal, or nobody watches it (CI). */
export function progressLine(stream: Pick<NodeJS.WriteStream, 'isTTY' | 'write'> = process.stderr): ProgressLine | null {
  if (!stream.isTTY || process.env['CI']) return null
  let drawn = false
  return {
    draw: ({ done, remaining, total, elapsedMs, etaMs }) => {
      if (elapsedMs < firstDrawnMs || remaining === 0) return
      drawn = true
      const filled = Math.floor((done / total) * width)
      const left = etaMs === null ? '' : `, about ${Math.ceil(etaMs / 1000)} s left`
      stream.write(`\r\u001B[2K${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${Math.floor((done / total) * 100)} % of ${total} rows${left}`)
    },
    clear: () => {
      if (drawn) stream.write('\r\u001B[2K')
    },
  }
}
