const readable: readonly (readonly [RegExp, string])[] = [
  [/exceeds pixel limit/i, 'it has more pixels than are allowed (`limitInputPixels`)'],
  [/unsupported image format/i, 'its format is not one that can be decoded, or its header is damaged'],
  [/premature end|unexpected end|out of data|libpng read error/i, 'it is cut off or damaged'],
  [
    /compression format has not been built in|no decoding plugin/i,
    'it is HEIC, coded with HEVC, which needs a libvips of your own that decodes it: convert it to JPEG or AVIF',
  ],
  [/^timeout/i, 'decoding it takes too long'],
]

/** What sharp says in one line, in words where they are known. Libraries below it report each of their steps. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const lines = message
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/bad seek to|^\(2\.\d+\)$/.test(line))
  const line = lines.at(-1) ?? message
  const known = readable.find(([pattern]) => pattern.test(message))
  return known === undefined ? line : `${known[1]} (${line})`
}
