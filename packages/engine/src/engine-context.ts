import { builtInFunction, type CallNode, type FunctionDefinition, type FunctionLog, type FunctionReference } from '@vivant/core'
import type { Database, SqlClient } from '@vivant/storage'
import type { LockedRows } from './evaluate/locked-rows.ts'
import type { FunctionEnvironment } from './functions/run-function.ts'

/** Finds the code of a call: by name and hash, so that other code under the same name is never run instead. */
export interface FunctionSource {
  find(reference: FunctionReference): FunctionDefinition | undefined
  /** Name → hash of everything that can be run here. */
  list(): Readonly<Record<string, string>>
}

/** The code of a call in this process. */
export function codeOf(functions: FunctionSource, call: CallNode): FunctionDefinition | undefined {
  return functions.find(call.function) ?? builtInFunction(call)
}

/** What every part of a worker works with. */
export interface EngineContext extends ChunkContext {
  readonly database: Database
  readonly lockedRows: LockedRows
}

/** What settles rows: on a database, or inside one transaction. */
export interface ChunkContext {
  readonly database: SqlClient
  readonly functions: FunctionSource
  readonly environment: FunctionEnvironment
  readonly log: FunctionLog
  /** Identifies the worker in leases. */
  readonly owner: string
}
