/** Stands for `_` in a segment. */
const anyCharacter = Symbol('any character')
type Segment = readonly (string | typeof anyCharacter)[]

/**
 * SQL's LIKE: `%` is any text, `_` one code point, `\` takes the next character as it is; all others stand for themselves.
 *
 * No regular expression: several `%` would make one backtrack for ever on a long text. What lies between two `%` is
 * searched from the left, once, which is enough.
 */
export function likeMatcher(pattern: string): (text: string) => boolean {
  const segments = parsePattern(pattern)
  if (segments.every((segment) => !segment.includes(anyCharacter))) return plainMatcher(segments.map((segment) => segment.join('')))
  return (text) => matchesCharacters(Array.from(text), segments)
}

/** The parts between the `%`: one when there is none. */
function parsePattern(pattern: string): Segment[] {
  const segments: (string | typeof anyCharacter)[][] = [[]]
  const characters = Array.from(pattern)
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index]
    if (character === '%') segments.push([])
    else if (character === '_') segments.at(-1)?.push(anyCharacter)
    else if (character === '\\' && index + 1 < characters.length) segments.at(-1)?.push(characters[++index] ?? '')
    else segments.at(-1)?.push(character ?? '')
  }
  return segments
}

function plainMatcher(segments: readonly string[]): (text: string) => boolean {
  const [first = '', ...rest] = segments
  const last = rest.pop()
  if (last === undefined) return (text) => text === first
  const middle = rest.filter((segment) => segment !== '')
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false
    let at = first.length
    for (const segment of middle) {
      const found = text.indexOf(segment, at)
      if (found === -1) return false
      at = found + segment.length
    }
    return at <= text.length - last.length
  }
}

function matchesCharacters(text: readonly string[], segments: readonly Segment[]): boolean {
  const first = segments[0] ?? []
  const last = segments.at(-1) ?? []
  if (!matchesAt(text, 0, first)) return false
  if (segments.length === 1) return text.length === first.length
  const end = text.length - last.length
  if (end < first.length || !matchesAt(text, end, last)) return false
  let at = first.length
  for (const segment of segments.slice(1, -1)) {
    while (at + segment.length <= end && !matchesAt(text, at, segment)) at++
    at += segment.length
    if (at > end) return false
  }
  return true
}

function matchesAt(text: readonly string[], at: number, segment: Segment): boolean {
  return at + segment.length <= text.length && segment.every((wanted, index) => wanted === anyCharacter || wanted === text[at + index])
}
