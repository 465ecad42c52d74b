import type { LoggerLike } from 'vivant'

type Fields = Readonly<Record<string, unknown>>

/** A line a message on stderr, as people read it. */
export function createTextLogger(write: (line: string) => void): LoggerLike {
  const line = (level: string) => (message: string, fields?: Fields) => {
    const rest = Object.entries(fields ?? {}).map(([name, value]) => `${name}=${describe(value)}`)
    write(`${new Date().toISOString()} ${level}${message}${rest.length ? ` (${rest.join(', ')})` : ''}`)
  }
  return { debug: () => {}, info: line(''), warn: line('warning: '), error: line('error: ') }
}

/** A JSON object a line on stderr. */
export const jsonLogger: LoggerLike = Object.freeze({ debug: () => {}, info: jsonLine('info'), warn: jsonLine('warn'), error: jsonLine('error') })

function jsonLine(level: string) {
  return (message: string, fields?: Fields): void => {
    process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`)
  }
}

function describe(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
