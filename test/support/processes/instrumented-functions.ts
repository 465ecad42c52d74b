import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FunctionContext, FunctionDefinition } from '@vivant/core'
import type { FunctionSource } from '@vivant/engine'

/** What a worker process does around each call of a function of the program. */
export interface Instruments {
  /** Each call takes this long, so that a kill falls into it. */
  readonly slowMs?: number
  /** Each call is written down here, by the function itself: a line for each row. */
  readonly callsFile?: string
  /** A call of this function with this first argument ends the process, as a crash in native code does. */
  readonly dieOn?: { readonly name: string; readonly argument: number }
}

type Code = (...args: readonly unknown[]) => unknown

/** The same functions, under the same hashes, that take their time, keep count and may kill. */
export function instrumentedFunctions(functions: FunctionSource, instruments: Instruments): FunctionSource {
  const known = new Map<FunctionDefinition, FunctionDefinition>()
  return {
    list: () => functions.list(),
    find: (reference) => {
      const definition = functions.find(reference)
      if (!definition) return undefined
      if (!known.has(definition)) known.set(definition, { ...definition, code: instrument(definition, instruments) })
      return known.get(definition)
    },
  }
}

function instrument(definition: FunctionDefinition, { slowMs = 0, callsFile, dieOn }: Instruments): Code {
  const code = definition.code as unknown as Code
  return async (...args) => {
    const { ids } = args.at(-1) as FunctionContext
    if (callsFile !== undefined) appendFileSync(callsFile, ids.map((id) => `${definition.name} ${id}\n`).join(''))
    if (dieOn?.name === definition.name && args[0] === dieOn?.argument) process.kill(process.pid, 'SIGKILL')
    if (slowMs > 0) await sleep(slowMs)
    return code(...args)
  }
}
