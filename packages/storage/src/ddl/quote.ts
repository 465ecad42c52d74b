import { VivantError } from '@vivant/core'

/** A user's name in SQL. The only place where one is quoted. */
export function quoteName(...parts: readonly string[]): string {
  return parts.map((part) => `"${part.replaceAll('"', '""')}"`).join('.')
}

/** A text constant in SQL that takes no parameters (views, functions, comments). */
export function quoteText(text: string): string {
  if (text.includes('\0')) throw new VivantError('VALUE_INVALID', 'A text constant has a NUL character, which PostgreSQL cannot store.')
  const quoted = `'${text.replaceAll("'", "''")}'`
  return text.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted
}
