import { availableParallelism } from 'node:os'

/** One picture runs on one thread (`tuneSharp`); twice as many as there are cores, so that none waits while bytes are read and results handed on. */
export const imageConcurrency: number = 2 * availableParallelism()
