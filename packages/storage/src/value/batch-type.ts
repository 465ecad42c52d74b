import type { DataType } from '@vivant/core'
import { isJsonArray, pgType } from './pg-type.ts'

/**
 * The element type of the array that carries a batch of such values, and the cast that each element needs after `unnest`
 * (null: none). `unnest` flattens arrays of arrays, so arrays travel as text; so do vectors, whose array type depends on
 * where the extension was installed.
 *
 * @example
 * const { element, cast } = batchType(type)
 * `select v${cast ? `::${cast}` : ''} from unnest($1::${element}[]) as u(v)`
 */
export function batchType(type: DataType): { readonly element: string; readonly cast: string | null } {
  if (type.kind === 'vector' || (type.kind === 'array' && !isJsonArray(type))) return { element: 'text', cast: pgType(type) }
  return { element: pgType(type), cast: null }
}
