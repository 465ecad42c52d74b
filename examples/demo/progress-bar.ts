import { SingleBar } from 'cli-progress'

export interface Progress {
  readonly done: number
  readonly total: number
}

/** Draws a bar while work goes on; on something that is no terminal, one line at the end. */
export async function progressBar<T>(label: string, work: (onProgress: (progress: Progress) => void) => Promise<T>): Promise<T> {
  const bar = new SingleBar({ format: `${label} {bar} {value}/{total} cells`, hideCursor: true, noTTYOutput: false })
  bar.start(1, 0)
  let last: Progress = { done: 0, total: 0 }
  try {
    return await work((progress) => {
      last = progress
      bar.setTotal(Math.max(progress.total, 1))
      bar.update(progress.done)
    })
  } finally {
    bar.stop()
    if (!process.stdout.isTTY) console.log(`${label}: ${last.done}/${last.total} cells`)
  }
}
