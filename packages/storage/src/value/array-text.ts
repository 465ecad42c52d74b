import { VivantError } from '@vivant/core'

/** One element of an array literal in double quotes. */
export function quoteElement(text: string): string {
  // Most texts have nothing to escape; the test costs less than a replacement that finds nothing.
  return /["\\]/u.test(text) ? `"${text.replace(/["\\]/gu, '\\$&')}"` : `"${text}"`
}

/**
 * Reads PostgreSQL's text form of an array; arrays inside give arrays, `NULL` gives null.
 *
 * @example
 * parseArray('{1,NULL,3}', Number)   // [1, null, 3]
 */
export function parseArray<T>(text: string, parseElement: (text: string) => T): (T | null)[] {
  if (text === '{}') return []
  // A lower bound other than 1 is printed before the array: `[0:1]={1,2}`. Here every array counts from 0.
  const start = text.charCodeAt(0) === 91 ? text.indexOf('=') + 1 : 0
  if (start === 0 && !text.includes('"') && !text.includes('{', 1)) return parsePlain(text, parseElement)
  const [array, end] = parseNested(text, start, parseElement)
  if (end !== text.length) throw malformed(text)
  return array
}

function parsePlain<T>(text: string, parseElement: (text: string) => T): (T | null)[] {
  const parts: (T | null)[] = []
  let from = 1
  for (let to = text.indexOf(',', 1); to !== -1; to = text.indexOf(',', from)) {
    parts.push(parseItem(text.slice(from, to), parseElement))
    from = to + 1
  }
  parts.push(parseItem(text.slice(from, -1), parseElement))
  return parts
}

function parseItem<T>(item: string, parseElement: (text: string) => T): T | null {
  return item === 'NULL' ? null : parseElement(item)
}

function parseNested<T>(text: string, start: number, parseElement: (text: string) => T): [(T | null)[], number] {
  if (text[start] !== '{') throw malformed(text)
  const elements: (T | null)[] = []
  let at = start + 1
  if (text[at] === '}') return [elements, at + 1]
  for (;;) {
    const first = text[at]
    if (first === '{') {
      const [inner, end] = parseNested(text, at, parseElement)
      elements.push(inner as T)
      at = end
    } else if (first === '"') {
      const end = endOfQuoted(text, at)
      const quoted = text.slice(at + 1, end)
      elements.push(parseElement(quoted.includes('\\') ? quoted.replace(/\\([\s\S])/gu, '$1') : quoted))
      at = end + 1
    } else {
      let end = at
      while (end < text.length && text[end] !== ',' && text[end] !== '}') end++
      elements.push(parseItem(text.slice(at, end), parseElement))
      at = end
    }
    if (text[at] === '}') return [elements, at + 1]
    if (text[at] !== ',') throw malformed(text)
    at++
  }
}

function endOfQuoted(text: string, quote: number): number {
  for (let at = quote + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 92) at++
    else if (code === 34) return at
  }
  throw malformed(text)
}

function malformed(text: string): VivantError {
  return new VivantError('VALUE_INVALID', `PostgreSQL gave ${JSON.stringify(text.slice(0, 100))} where an array was expected.`)
}
