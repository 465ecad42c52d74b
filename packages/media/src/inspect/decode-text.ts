export interface DecodedText {
  readonly text: string
  readonly charset: 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252'
}

// Control characters that no text has, apart from white space and escape.
// oxlint-disable-next-line no-control-regex
const control = /[\u0000-\u0008\u000e-\u001a\u001c-\u001f\u007f]/

/** The beginning of a text, or null when it is something else. `complete` tells whether the last character is whole. */
export function decodeText(head: Uint8Array, complete: boolean): DecodedText | null {
  // Most of what is no text says so by this, which is looked for ten times as fast as anything else.
  if (!hasByteOrderMark(head) && head.includes(0)) return null
  for (const charset of candidates(head)) {
    const text = tryDecode(head, charset, complete)
    if (text !== null) return control.test(text) ? null : { text, charset }
  }
  return null
}

function hasByteOrderMark(head: Uint8Array): boolean {
  return (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)
}

function candidates(head: Uint8Array): readonly DecodedText['charset'][] {
  if (head[0] === 0xff && head[1] === 0xfe) return ['utf-16le']
  if (head[0] === 0xfe && head[1] === 0xff) return ['utf-16be']
  return looksWestern(head) ? ['utf-8', 'windows-1252'] : ['utf-8']
}

/** A text in the encoding of old Windows programs is mostly ASCII. */
function looksWestern(head: Uint8Array): boolean {
  let high = 0
  for (const byte of head) if (byte >= 0x80) high++
  return high * 4 < head.byteLength
}

function tryDecode(head: Uint8Array, charset: string, complete: boolean): string | null {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(head, { stream: !complete })
  } catch {
    return null
  }
}
