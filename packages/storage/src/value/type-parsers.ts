import type { CustomTypesConfig } from 'pg'
import { parseArray } from './array-text.ts'
import { parseTimestamp } from './timestamp-text.ts'

type Parser = (text: string) => unknown

/** By the oids of PostgreSQL's own types, which never change: the type and its array. An extension's type (vector) comes as text. */
const scalars: readonly (readonly [oid: number, arrayOid: number, parse: Parser])[] = [
  [16, 1000, (text) => text === 't'],
  [17, 1001, parseBytes],
  [20, 1016, parseInt8],
  [21, 1005, Number],
  [23, 1007, Number],
  [26, 1028, Number],
  [114, 199, JSON.parse],
  [700, 1021, Number],
  [701, 1022, Number],
  [1184, 1185, parseTimestamp],
  [3802, 3807, JSON.parse],
  // as they are: text, varchar, bpchar, name, date, uuid, numeric, and timestamp without a zone, which is no instant
  ...(
    [
      [25, 1009],
      [1043, 1015],
      [1042, 1014],
      [19, 1003],
      [1082, 1182],
      [2950, 2951],
      [1700, 1231],
      [1114, 1115],
    ] as const
  ).map(([oid, arrayOid]) => [oid, arrayOid, asText] as const),
]

const parsers: ReadonlyMap<number, Parser> = new Map(
  scalars.flatMap(([oid, arrayOid, parse]) => [[oid, parse] as const, [arrayOid, (text: string) => parseArray(text, parse)] as const]),
)

/**
 * How node-postgres reads what the server sends, for every query of Vivant's (`types` of a query or client; the user's own
 * pool is not touched): int8 as a number (as text when it is not a safe integer), float8 and smaller as a number, numeric,
 * date and uuid as text, timestamptz as a Date, json and jsonb parsed, bytea as a Uint8Array, and arrays of these.
 * `decodeValue` makes the column's value of it.
 *
 * An array as well, an empty one: node-postgres sends a query's `types` along as the types of its parameters, where the
 * embedded engine's adapter insists on an array.
 */
export const typeParsers: CustomTypesConfig & readonly never[] = Object.assign([] as readonly never[], {
  getTypeParser: ((oid: number) => parsers.get(oid) ?? asText) as CustomTypesConfig['getTypeParser'],
})

function asText(text: string): string {
  return text
}

/** Kept as text where a number would be another one. */
function parseInt8(text: string): number | string {
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : text
}

function parseBytes(text: string): Uint8Array {
  const size = (text.length - 2) / 2
  // With memory of its own: a slice of Node's shared pool would keep 8 KB alive and could not be transferred to a thread.
  const bytes = Buffer.allocUnsafeSlow(size)
  bytes.write(text.slice(2), 'hex')
  return new Uint8Array(bytes.buffer, 0, size)
}
