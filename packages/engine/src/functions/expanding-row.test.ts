import { setTimeout as sleep } from 'node:timers/promises'
import { iterator, type IteratorDefinition, t } from '@vivant/core'
import { describe, expect, test } from 'vitest'
import { ExpandingRow } from './expanding-row.ts'
import type { MediaBorder } from './media-border.ts'

const refuse = (): never => {
  throw new Error('no media here')
}
const noMedia: MediaBorder = { handle: refuse, ingest: refuse, metadata: async () => new Map(), batch: refuse }
const code = (expected: string): Error => expect.objectContaining({ code: expected }) as Error

const numbers = (timeoutMs = 5000): IteratorDefinition =>
  iterator({ name: 'numbers', input: [], output: { n: t.int(), text: t.text().nullable() }, timeoutMs }, () => []).definition

interface Opened {
  readonly row: ExpandingRow
  readonly aborted: Error[]
}
async function open(source: unknown, definition = numbers(), parts: { media?: MediaBorder; signal?: AbortSignal; aborted?: Error[] } = {}): Promise<Opened> {
  const aborted = parts.aborted ?? []
  const row = await ExpandingRow.open(source, definition, {
    media: parts.media ?? noMedia,
    signal: parts.signal ?? new AbortController().signal,
    abort: (reason) => aborted.push(reason),
  })
  return { row, aborted }
}

/** Counts to `end`, and notes that it was ended from outside. */
function* counting(end: number, ended: string[] = []): Generator {
  try {
    for (let n = 0; n < end; n++) yield { n }
  } finally {
    ended.push('sync')
  }
}

describe('pieces', () => {
  test('a piece has a thousand rows at most, and knows whether more comes', async () => {
    for (const [length, expected] of [
      [0, [[0, 0, true]]],
      [1, [[0, 1, true]]],
      [1000, [[0, 1000, true]]],
      [
        1001,
        [
          [0, 1000, false],
          [1000, 1, true],
        ],
      ],
      [
        2500,
        [
          [0, 1000, false],
          [1000, 1000, false],
          [2000, 500, true],
        ],
      ],
    ] as const) {
      const { row } = await open(counting(length))
      const pieces = [row.piece]
      while (!row.piece.last) {
        await row.next()
        pieces.push(row.piece)
      }
      expect(pieces.map(({ from, rows, last }) => [from, rows.length, last])).toEqual(expected)
      expect(pieces.flatMap(({ rows }) => rows.map(({ values }) => values[0]))).toEqual(Array.from({ length }, (_, n) => n))
    }
  })

  test('arrays, sets and asynchronous generators are lists as well', async () => {
    async function* later(): AsyncGenerator {
      for (let n = 0; n < 1200; n++) {
        if (n % 400 === 0) await sleep(1)
        yield { n, text: 'x' }
      }
    }
    const { row } = await open(later())
    expect([row.piece.rows.length, row.piece.last]).toEqual([1000, false])
    await row.next()
    expect([row.piece.rows.length, row.piece.last]).toEqual([200, true])
    expect((await open([{ n: 1 }, { n: 2 }])).row.piece.rows.map(({ values }) => values)).toEqual([
      [1, null],
      [2, null],
    ])
    expect((await open(new Set([{ n: 3 }]))).row.piece.rows).toHaveLength(1)
  })

  test('large rows make pieces of few, which hold about eight megabytes', async () => {
    const text = 'x'.repeat(3 * 1024 ** 2)
    const { row } = await open(Array.from({ length: 7 }, (_, n) => ({ n, text })))
    expect(row.piece.rows).toHaveLength(3)
    expect(row.pieceBytes).toBeGreaterThan(9 * 1024 ** 2)
    await row.next()
    expect([row.piece.from, row.piece.rows.length, row.piece.last]).toEqual([3, 3, false])
    await row.next()
    expect([row.piece.from, row.piece.rows.length, row.piece.last]).toEqual([6, 1, true])
    expect(row.pieceBytes).toBeLessThan(4 * 1024 ** 2)
  })

  test('the content tells rows apart by what they hold, and by nothing else', async () => {
    const { row } = await open([{ n: 1, text: 'a' }, { text: 'a', n: 1 }, { n: 1 }, { n: 1, text: null }, { n: 2 }, { n: 1, text: '' }])
    const contents = row.piece.rows.map(({ content }) => content)
    expect(contents[0]).toBe(contents[1])
    expect(contents[2]).toBe(contents[3])
    expect(new Set(contents).size).toBe(4)
    expect(contents[0]).toMatch(/^[0-9a-f]{32}$/u)
  })
})

describe('what goes wrong', () => {
  test('rows of wrong types, of other columns, and results that are no list', async () => {
    await expect(open([{ n: 'one' }])).rejects.toThrow(code('OUTPUT_INVALID'))
    await expect(open([{ n: 1, m: 2 }])).rejects.toThrow('not among its columns')
    await expect(open([1])).rejects.toThrow('instead of an object')
    await expect(open([{ text: 'a' }])).rejects.toThrow('not nullable')
    for (const source of ['text', 5, null, undefined, {}, () => []]) await expect(open(source)).rejects.toThrow(code('OUTPUT_INVALID'))
  })

  test('a generator that throws, also behind its first piece', async () => {
    function* failing(at: number): Generator {
      for (let n = 0; ; n++) {
        if (n === at) throw new Error(`not ${n}`)
        yield { n }
      }
    }
    await expect(open(failing(0))).rejects.toThrow('not 0')
    await expect(open(failing(1000))).rejects.toThrow('not 1000')
    const { row } = await open(failing(1001))
    await expect(row.next()).rejects.toThrow('not 1001')
    expect(row.piece.rows).toHaveLength(1000)
  })

  test('a row that is too large says where it should be', async () => {
    const { definition } = iterator({ name: 'pairs', input: [], output: { left: t.text(), right: t.text() } }, () => [])
    const half = 'x'.repeat(40 * 1024 ** 2)
    await expect(open([{ left: half, right: half }], definition)).rejects.toThrow('store such values as files')
  })

  test('a generator that never ends has the time of one call for all of its pieces', async () => {
    const ended: string[] = []
    const { row, aborted } = await open(counting(Infinity, ended), numbers(200))
    const began = performance.now()
    await expect(
      (async () => {
        for (;;) await row.next()
      })(),
    ).rejects.toThrow(code('TIMEOUT'))
    expect(performance.now() - began).toBeLessThan(2000)
    expect(ended).toEqual(['sync'])
    expect(aborted).toEqual([code('TIMEOUT')])
  })

  test('one that waits for ever is left after its time, and told', async () => {
    async function* waiting(): AsyncGenerator {
      yield { n: 1 }
      await new Promise(() => {})
    }
    const aborted: Error[] = []
    await expect(open(waiting(), numbers(50), { aborted })).rejects.toThrow(code('TIMEOUT'))
    expect(aborted).toHaveLength(1)
  })

  test('time between the pieces does not count', async () => {
    const { row } = await open(counting(2500), numbers(300))
    await sleep(350)
    await row.next()
    await sleep(350)
    await row.next()
    expect(row.piece.last).toBe(true)
  })

  test('a worker that stops waits for no generator', async () => {
    async function* waiting(): AsyncGenerator {
      yield { n: 1 }
      await new Promise(() => {})
    }
    const stop = new AbortController()
    const opening = open(waiting(), numbers(60_000), { signal: stop.signal })
    setTimeout(() => stop.abort(new Error('the worker stops')), 20)
    await expect(opening).rejects.toThrow('the worker stops')
  })
})

describe('the end', () => {
  test('a generator of which the rest is not wanted cleans up, once', async () => {
    const ended: string[] = []
    const { row, aborted } = await open(counting(5000, ended))
    row.close()
    row.close()
    expect(ended).toEqual(['sync'])
    expect(aborted).toHaveLength(1)
  })

  test('so does one whose row is refused', async () => {
    const ended: string[] = []
    function* wrong(): Generator {
      try {
        yield { n: 1 }
        yield { n: 'two' }
      } finally {
        ended.push('wrong')
      }
    }
    await expect(open(wrong())).rejects.toThrow(code('OUTPUT_INVALID'))
    expect(ended).toEqual(['wrong'])
  })

  test('one that ran to its end is told nothing', async () => {
    const { row, aborted } = await open(counting(10))
    row.close()
    expect(aborted).toEqual([])
  })
})

test('media are taken in, and recognised by their references', async () => {
  const definition = iterator({ name: 'tiles', input: [], output: { tile: t.image() } }, () => []).definition
  const media: MediaBorder = { ...noMedia, ingest: async (value) => `vivant:${String((value as Uint8Array)[0])}` }
  const { row } = await open(
    [1, 2, 1].map((byte) => ({ tile: new Uint8Array([byte]) })),
    definition,
    { media },
  )
  expect(row.piece.rows.map(({ values }) => values)).toEqual([['vivant:1'], ['vivant:2'], ['vivant:1']])
  expect(row.piece.rows[0]!.content).toBe(row.piece.rows[2]!.content)
  await expect(open([{ tile: new Uint8Array() }], definition)).rejects.toThrow('no media here')
})
