import { expect, test } from 'vitest'
import { rowSinces } from './row-sinces.ts'

test('one moment needs no list', () => {
  expect(rowSinces([{ ids: [1, 2], since: 7 }])).toBeNull()
  expect(
    rowSinces([
      { ids: [1], since: 7 },
      { ids: [2], since: 7 },
    ]),
  ).toBeNull()
})

test('moments of about one age count as the oldest of them, others stay apart', () => {
  const sinces = rowSinces([
    { ids: [1], since: 10 },
    { ids: [2, 3], since: 20 },
    { ids: [4], since: 1000 },
    { ids: [5], since: 1001 },
  ])!
  expect(Object.fromEntries(sinces.ids.map((id, index) => [id, sinces.values[index]]))).toEqual({ 1: 10, 2: 10, 3: 10, 4: 1000, 5: 1001 })
})

test('a row of several tasks has waited since the first of them', () => {
  expect(
    rowSinces([
      { ids: [1, 2], since: 1000 },
      { ids: [1], since: 1 },
    ]),
  ).toEqual({ ids: [1, 2], values: [1, 1000] })
})
