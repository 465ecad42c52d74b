import type { DataType } from './data-type.ts'
import { describeValue } from './describe-value.ts'
import { invalidValue } from './invalid-value.ts'
import { plainEntries, plainObject } from './plain-object.ts'
import { validateValue } from './validate-value.ts'

const base64Pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const namedFloats: ReadonlyMap<unknown, number> = new Map<unknown, number>([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])

/** The value of a JSON form: the inverse of `encodeJson`. Throws VALUE_INVALID when it is none of this type. Null stays null. */
export function decodeJson(type: DataType, json: unknown, path: string = ''): unknown {
  return json === null ? null : validateValue(fromJson(type, json, path), type, path)
}

/** Only what JSON cannot hold as it is; `validateValue` then checks the whole. */
function fromJson(type: DataType, json: unknown, path: string): unknown {
  switch (type.kind) {
    case 'float':
      return namedFloats.get(json) ?? json
    case 'bigint':
      if (typeof json === 'string' && /^-?\d{1,20}$/.test(json)) return BigInt(json)
      return json
    case 'binary':
      if (typeof json === 'string' && base64Pattern.test(json)) return new Uint8Array(Buffer.from(json, 'base64'))
      throw invalidValue(path, `${describeValue(json)} is not base64`)
    case 'array':
      return Array.isArray(json) ? json.map((item: unknown, index) => fromJson(type.element, item, `${path}[${index}]`)) : json
    case 'record': {
      const entries = plainEntries(json)
      if (entries === undefined) return json
      return plainObject(
        entries.map(([name, item]) => {
          const field = Object.hasOwn(type.fields, name) ? type.fields[name] : undefined
          return [name, field === undefined || item === null ? item : fromJson(field.type, item, `${path}.${name}`)]
        }),
      )
    }
    default:
      return json
  }
}
