import { isVivantError, runWorker } from 'vivant'
import { pino } from 'pino'
import { readSettings } from './settings.ts'

const logger = pino({ level: process.env['LOG_LEVEL'] ?? 'info', base: { service: 'vivant-worker' } })

try {
  await runWorker({ ...readSettings(process.argv.slice(2), process.env), logger })
} catch (error) {
  logger.fatal({ err: error }, error instanceof Error ? error.message : String(error))
  // a wrong setting stays wrong, a database may come back: whoever restarts this process can tell the two apart
  process.exitCode = isVivantError(error, 'CONFIGURATION_INVALID') ? 2 : 1
}
