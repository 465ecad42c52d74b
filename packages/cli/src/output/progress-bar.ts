import { type Database, isVivantError } from 'vivant'
import { Presets, SingleBar } from 'cli-progress'

export interface ProgressBar {
  /** Whether there is a terminal to draw on. */
  readonly shown: boolean
  /** A line above the bar. */
  readonly write: (line: string) => void
  /** Shows the work of a database going away, for as long as there is some. */
  readonly follow: (database: Database) => Promise<void>
  readonly end: () => void
}

const lookEveryMs = 1000

/** A bar on stderr when that is a terminal; otherwise lines alone. */
export function createProgressBar(stream: NodeJS.WriteStream): ProgressBar {
  const shown = stream.isTTY
  let bar: SingleBar | null = null
  const ending = new AbortController()
  const hide = (): void => {
    bar?.stop()
    bar = null
  }
  const draw = (done: number, total: number): void => {
    if (!bar) {
      bar = new SingleBar(
        { stream, format: '{bar} {percentage} % | {value}/{total} rows | {eta_formatted} left', hideCursor: true, clearOnComplete: true },
        Presets.shades_classic,
      )
      bar.start(total, done)
    }
    bar.setTotal(total)
    bar.update(done)
  }
  return {
    shown,
    write: (line) => {
      hide()
      stream.write(`${line}\n`)
    },
    follow: async (database) => {
      while (!ending.signal.aborted) {
        try {
          await database.settled({ onProgress: ({ done, total, remaining }) => (remaining > 0 && !ending.signal.aborted ? draw(done, total) : hide()) })
        } catch (error) {
          // the bar is a courtesy: the worker's own log says what is wrong
          if (isVivantError(error, 'CLOSED')) return
        }
        hide()
        await new Promise<void>((resolve) => setTimeout(resolve, lookEveryMs).unref())
      }
    },
    end: () => {
      ending.abort()
      hide()
    },
  }
}
