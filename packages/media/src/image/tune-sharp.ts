import sharp from 'sharp'

/**
 * Sets sharp up for a process whose work is pictures: one thread for each of them, since several are under way at once
 * (measured: two pictures on one thread each beat one on two), and no cache, since no picture comes twice.
 *
 * These settings hold for the whole process, so a worker's `main` calls this and nothing else does: in a user's process
 * (the embedded engine) sharp stays as the user has it.
 */
export function tuneSharp(): void {
  sharp.concurrency(1)
  sharp.cache(false)
}
