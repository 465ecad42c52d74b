import type { FunctionLog } from '@vivant/core'

type LogMethod = (...args: never[]) => void

/** What `connect({ logger })` takes: `console`, pino, winston, or anything with these four. */
export interface LoggerLike {
  readonly debug: LogMethod
  readonly info: LogMethod
  readonly warn: LogMethod
  readonly error: LogMethod
}

const levels = ['debug', 'info', 'warn', 'error'] as const
type Level = (typeof levels)[number]

/** The log of a connection: the user's own, or warnings and errors on stderr. */
export function createLog(logger: LoggerLike | undefined): FunctionLog {
  return logger === undefined ? stderrLog : userLog(logger)
}

function userLog(logger: LoggerLike): FunctionLog {
  // pino and bunyan take the fields first, everybody else the message
  const fieldsFirst = 'bindings' in logger || 'fields' in logger
  return logOf((level, message, fields) => {
    const write = logger[level] as (...args: readonly unknown[]) => void
    const args = fields === undefined ? [message] : fieldsFirst ? [fields, message] : [message, fields]
    write.apply(logger, args)
  })
}

const stderrLog: FunctionLog = logOf((level, message, fields) => {
  if (level === 'debug' || level === 'info') return
  process.stderr.write(`vivant ${level}: ${message}${fields === undefined ? '' : ` ${describeFields(fields)}`}\n`)
})

type Fields = Readonly<Record<string, unknown>>

function logOf(write: (level: Level, message: string, fields: Fields | undefined) => void): FunctionLog {
  const methods = levels.map((level) => [level, (message: string, fields?: Fields): void => write(level, message, fields)] as const)
  return Object.fromEntries(methods) as unknown as FunctionLog
}

/** A field may be anything; a log never fails. */
function describeFields(fields: Fields): string {
  try {
    return JSON.stringify(fields, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value instanceof Error ? value.message : value))
  } catch {
    return Object.keys(fields).join(', ')
  }
}
