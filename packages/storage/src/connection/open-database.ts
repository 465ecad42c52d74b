import type { Pool } from 'pg'
import type { Database } from './database.ts'
import { openEmbedded } from './open-embedded.ts'
import { openServer, type ServerOptions } from './open-server.ts'

/** A `postgres://` URL or a pool is a server; `'memory:'` and a folder are the embedded engine. */
export type DatabaseTarget = string | Pool

/** Opens the engine that the target is for. */
export function openDatabase(target: DatabaseTarget, options: ServerOptions = {}): Promise<Database> {
  if (typeof target !== 'string' || /^postgres(ql)?:\/\//u.test(target)) return openServer(target, options)
  return openEmbedded(target)
}
