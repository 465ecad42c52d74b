import { existsSync } from 'node:fs'
import { VivantError } from 'vivant'

export interface TargetOptions {
  readonly url?: string
}

const embeddedFolder = '.vivant'

/** Which database a command is for: `--url`, else DATABASE_URL, else the embedded one in this folder, if there is one. */
export function databaseTarget({ url }: TargetOptions): string {
  const given = url ?? process.env['DATABASE_URL']
  if (given) return given
  if (existsSync(embeddedFolder)) return embeddedFolder
  throw new VivantError(
    'CONFIGURATION_INVALID',
    `Which database? Give --url (postgres://… or the folder of an embedded database), or set DATABASE_URL; there is no ${embeddedFolder} in this folder.`,
  )
}
