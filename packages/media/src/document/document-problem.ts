/** Why a document cannot be read, as the end of a sentence: `it is protected by a password`. */
export class DocumentProblem extends Error {
  override readonly name: string = 'DocumentProblem'
}

const readable: readonly (readonly [RegExp, string])[] = [
  [/maximum call stack/i, 'it is nested too deeply'],
  [/password/i, 'it is protected by a password'],
  [/invalid string length|invalid typed array length|array buffer allocation failed|invalid array length/i, 'it needs more memory than is allowed'],
]

/** What a parser threw, in one line. */
export function problemOf(error: unknown): string {
  const message = error instanceof Error ? error.message || error.name : String(error)
  if (error instanceof DocumentProblem) return message
  const known = readable.find(([pattern]) => pattern.test(message))
  if (known) return known[1]
  const [line = ''] = message.trim().split('\n', 1)
  return `it is damaged (${line.slice(0, 200) || 'no reason given'})`
}
