import { expect, test } from 'vitest'
import fc from 'fast-check'
import { type ChildChanges, diffChildren, type StandingChild } from './diff-children.ts'
import type { ExpansionPiece } from './expansion-writes.ts'

/** The rows of one parent, with what a commit reads of them and does to them. */
class Rows {
  #children: readonly StandingChild[]
  #nextId = 1000
  readonly touched = new Set<number>()
  made = 0

  constructor(contents: readonly string[]) {
    this.#children = contents.map((content, index) => ({ id: index + 1, position: index, content }))
  }

  get list(): readonly string[] {
    return this.children.map(({ content }) => content)
  }

  get children(): readonly StandingChild[] {
    return this.#children.toSorted((left, right) => left.position - right.position)
  }

  commit(piece: ExpansionPiece): void {
    this.#apply(diffChildren(piece, this.#read(piece)))
  }

  /** As `commitExpansions` reads them: of the rows behind a piece as many as it has places for their content. */
  #read(piece: ExpansionPiece): readonly StandingChild[] {
    const end = piece.from + piece.rows.length
    const left = new Map<string, number>()
    for (const { content } of piece.rows) left.set(content, (left.get(content) ?? 0) + 1)
    return this.children.filter(({ position, content }) => {
      if (position < piece.from) return false
      if (piece.last || position < end) return true
      const times = left.get(content) ?? 0
      left.set(content, times - 1)
      return times > 0
    })
  }

  #apply({ inserted, changed, moved, deleted }: ChildChanges): void {
    for (const { id } of [...changed, ...moved]) this.touched.add(id)
    for (const id of deleted) this.touched.add(id)
    this.made += inserted.length + changed.length
    const positions = new Map(moved.map(({ id, position }) => [id, position]))
    const contents = new Map(changed.map(({ id, row }) => [id, row.content]))
    this.#children = [
      ...this.#children
        .filter(({ id }) => !deleted.includes(id))
        .map((child) => ({ ...child, position: positions.get(child.id) ?? child.position, content: contents.get(child.id) ?? child.content })),
      ...inserted.map(({ position, row }) => ({ id: this.#nextId++, position, content: row.content })),
    ]
  }
}

function piecesOf(list: readonly string[], sizes: readonly number[]): readonly ExpansionPiece[] {
  const pieces: ExpansionPiece[] = []
  for (let from = 0, at = 0; ; at++) {
    const size = sizes[at % Math.max(1, sizes.length)] ?? list.length
    const rows = list.slice(from, from + size).map((content) => ({ content, values: [content] }))
    const last = from + size >= list.length
    pieces.push({ from, rows, last })
    if (last) return pieces
    from += size
  }
}

/** How many of each content the second has more than the first. */
function missing(before: readonly string[], after: readonly string[]): number {
  const left = [...before]
  return after.filter((content) => {
    const at = left.indexOf(content)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  }).length
}

const lists = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 12 })
const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 3 })

test('a whole list becomes what the piece says, and only what is not there is made', () => {
  fc.assert(
    fc.property(lists, lists, (before, after) => {
      const rows = new Rows(before)
      const same = rows.children.filter(({ position, content }) => after[position] === content)
      rows.commit({ from: 0, rows: after.map((content) => ({ content, values: [] })), last: true })
      expect(rows.list).toEqual(after)
      expect(rows.children.map(({ position }) => position)).toEqual(after.map((_, index) => index))
      expect(rows.made).toBe(missing(before, after))
      expect(same.filter(({ id }) => rows.touched.has(id))).toEqual([])
    }),
  )
})

test('pieces of any size give the same, and what each needs is taken from wherever it stands', () => {
  fc.assert(
    fc.property(lists, lists, sizes, (before, after, cuts) => {
      const rows = new Rows(before)
      for (const piece of piecesOf(after, cuts)) {
        rows.commit(piece)
        const shown = rows.list.slice(0, piece.from + piece.rows.length)
        expect(shown).toEqual(after.slice(0, shown.length))
      }
      expect(rows.list).toEqual(after)
      expect(rows.children.map(({ position }) => position)).toEqual(after.map((_, index) => index))
      expect(rows.made).toBe(missing(before, after))
    }),
  )
})

test('equal lists touch nothing, in whatever pieces', () => {
  fc.assert(
    fc.property(lists, sizes, (list, cuts) => {
      const rows = new Rows(list)
      for (const piece of piecesOf(list, cuts)) rows.commit(piece)
      expect([rows.made, rows.touched.size]).toEqual([0, 0])
    }),
  )
})

test('runs that stop anywhere, with other lists, leave nothing behind them', () => {
  const run = fc.record({ list: lists, cuts: sizes, stop: fc.nat({ max: 4 }) })
  fc.assert(
    fc.property(lists, fc.array(run, { maxLength: 4 }), lists, sizes, (before, broken, after, cuts) => {
      const rows = new Rows(before)
      for (const { list, cuts: size, stop } of broken) for (const piece of piecesOf(list, size).slice(0, stop)) rows.commit(piece)
      for (const piece of piecesOf(after, cuts)) rows.commit(piece)
      expect(rows.list).toEqual(after)
      expect(rows.children.map(({ position }) => position)).toEqual(after.map((_, index) => index))
    }),
  )
})

test('a run of the same list after one that stopped makes nothing twice', () => {
  fc.assert(
    fc.property(lists, sizes, fc.nat({ max: 6 }), sizes, (list, cuts, stop, otherCuts) => {
      const rows = new Rows([])
      for (const piece of piecesOf(list, cuts).slice(0, stop)) rows.commit(piece)
      for (const piece of piecesOf(list, otherCuts)) rows.commit(piece)
      expect(rows.list).toEqual(list)
      expect(rows.made).toBe(list.length)
    }),
  )
})

test('hundreds of thousands of equal rows are compared in a moment', () => {
  const standing = Array.from({ length: 300_000 }, (_, index) => ({ id: index, position: index, content: '' }))
  const began = performance.now()
  const changes = diffChildren({ from: 0, rows: [{ content: 'a', values: [] }], last: true }, standing)
  expect(changes.deleted).toHaveLength(299_999)
  expect(performance.now() - began).toBeLessThan(3000)
})
