/**
 * What a column or an expression holds, as data: JSON, so that the catalog can store it.
 * The compile-time twin is `ValueType`; this one decides how a value is validated, compared and written.
 */
export type DataType = ScalarType | EnumType | JsonDataType | RecordDataType | ArrayDataType | VectorDataType | MediaDataType

export type ScalarKind = 'text' | 'int' | 'float' | 'bigint' | 'boolean' | 'timestamp' | 'date' | 'uuid' | 'binary'
export interface ScalarType {
  readonly kind: ScalarKind
}
export interface EnumType {
  readonly kind: 'enum'
  readonly values: readonly string[]
}
/** Any JSON value. A Standard Schema that validates it belongs to the column, because it is code. */
export interface JsonDataType {
  readonly kind: 'json'
}
/** Named fields, stored as one JSON object; `r.song.tempo` reads one of them with its own type. */
export interface RecordDataType {
  readonly kind: 'record'
  readonly fields: { readonly [name: string]: FieldDataType }
}
export interface FieldDataType {
  readonly type: DataType
  readonly nullable: boolean
}
export interface ArrayDataType {
  readonly kind: 'array'
  readonly element: DataType
}
export interface VectorDataType {
  readonly kind: 'vector'
  readonly dimensions: number
}
export type MediaKind = 'image' | 'video' | 'audio' | 'document' | 'file'
/** A reference to bytes elsewhere: `vivant://<sha256>.<extension>`, `https://…`, `file://…`. */
export interface MediaDataType {
  readonly kind: MediaKind
}

export type DataTypeKind = DataType['kind']

const mediaKinds: ReadonlySet<string> = new Set<MediaKind>(['image', 'video', 'audio', 'document', 'file'])

export function isMediaType(type: DataType): type is MediaDataType {
  return mediaKinds.has(type.kind)
}
