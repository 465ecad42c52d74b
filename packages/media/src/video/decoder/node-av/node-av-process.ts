import { readSync, writeSync } from 'node:fs'
import { writeFilm } from './film-writer.ts'
import { complainOfErrorsOnly, complaints } from './open-medium.ts'
import type { DecoderJob } from './decoder-job.ts'
import { probeMedium } from './probe-medium.ts'
import { readFrames } from './read-frames.ts'
import { readSamples } from './read-samples.ts'

/**
 * A process of its own for the libraries of `node-av`: what a hostile file does to them ends this process and no other.
 * It does one job, given as JSON, and writes to standard output; who reads slowly makes it wait.
 */
function main(job: DecoderJob): void {
  switch (job.kind) {
    case 'probe':
      return write(Buffer.from(JSON.stringify(probeMedium(job))))
    case 'frames':
      return readFrames(job, write)
    case 'samples':
      return readSamples(job, write)
    case 'film':
      return writeFilm(job, readExactly)
    default:
      return job satisfies never
  }
}

function write(bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.byteLength;) offset += writeSync(1, bytes, offset)
}

/** Null at the end of the input, also in the midst of a piece. */
function readExactly(length: number): Buffer | null {
  const bytes = Buffer.alloc(length)
  for (let filled = 0; filled < length;) {
    const count = readSync(0, bytes, filled, length - filled, null)
    if (count === 0) return null
    filled += count
  }
  return bytes
}

try {
  complainOfErrorsOnly()
  main(JSON.parse(process.argv[2] ?? '') as DecoderJob)
} catch (error) {
  complaints.push(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
for (const complaint of complaints) process.stderr.write(`${complaint}\n`)
