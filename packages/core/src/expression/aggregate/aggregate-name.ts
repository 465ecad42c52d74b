/**
 * What can be said of many rows at once. Nulls are passed over; of no row left it is null, but for counts (0) and `list` (empty).
 *
 * | name | operands | gives |
 * |---|---|---|
 * | `count` | none | int: how many rows; with one operand, how many in which it is not null |
 * | `countDistinct` | any type but media and vectors | int: how many different values |
 * | `sum` | numbers, bigints | float; bigint of bigints, null beyond 20 digits |
 * | `avg` | numbers, bigints | float |
 * | `min`, `max` | ordered types, text by code point | the operand's type |
 * | `any`, `every` | boolean | boolean |
 * | `list` | any type | array of the operand's type, without nulls |
 * | `listWithNulls` | any type | the same with its nulls: arguments of a function over a group |
 */
export type AggregateName = 'count' | 'countDistinct' | 'sum' | 'avg' | 'min' | 'max' | 'any' | 'every' | 'list' | 'listWithNulls'

/** How many operands each has. */
export const aggregateArity: Readonly<Record<AggregateName, readonly number[]>> = Object.freeze({
  count: [0, 1],
  countDistinct: [1],
  sum: [1],
  avg: [1],
  min: [1],
  max: [1],
  any: [1],
  every: [1],
  list: [1],
  listWithNulls: [1],
})
