import type { ColumnInput, ColumnValue, RecordColumns } from '../column/column.ts'
import type { Audio, Document, File, Image, MediaInput, Video } from '../media/media.ts'

/**
 * What a column or an expression holds, at compile time. `kind` decides which methods an expression has, `value` is what
 * JavaScript reads, `input` is what it may write. A tag, never a runtime value; its runtime twin is `DataType`.
 */
export interface ValueType {
  readonly kind: string
  readonly value: unknown
  readonly input: unknown
}

/** Text; an enum is text of certain literals. */
export interface TextType<V extends string = string> extends ValueType {
  kind: 'text'
  value: V
  input: V
}
/** int and float: both are numbers to JavaScript. */
export interface NumberType extends ValueType {
  kind: 'number'
  value: number
  input: number
}
export interface BigintType extends ValueType {
  kind: 'bigint'
  value: bigint
  input: bigint | number
}
export interface BooleanType extends ValueType {
  kind: 'boolean'
  value: boolean
  input: boolean
}
export interface TimestampType extends ValueType {
  kind: 'timestamp'
  value: Date
  input: Date | string
}
/** `YYYY-MM-DD`. */
export interface DateType extends ValueType {
  kind: 'date'
  value: string
  input: string
}
export interface UuidType extends ValueType {
  kind: 'uuid'
  value: string
  input: string
}
export interface BinaryType extends ValueType {
  kind: 'binary'
  value: Uint8Array
  input: Uint8Array
}
export interface JsonType<V = unknown, I = V> extends ValueType {
  kind: 'json'
  value: V
  input: I
}
export interface RecordType<C extends RecordColumns = RecordColumns> extends ValueType {
  kind: 'record'
  value: { readonly [K in keyof C]: ColumnValue<C[K]> }
  input: { readonly [K in keyof C]: ColumnInput<C[K]> }
  fields: C
}
export interface ArrayType<E extends ValueType = ValueType> extends ValueType {
  kind: 'array'
  value: readonly E['value'][]
  input: readonly E['input'][]
  element: E
}
export interface VectorType<D extends number = number> extends ValueType {
  kind: 'vector'
  value: Float32Array
  input: Float32Array | readonly number[]
  dimensions: D
}
export interface ImageType extends ValueType {
  kind: 'image'
  value: Image
  input: MediaInput
}
export interface VideoType extends ValueType {
  kind: 'video'
  value: Video
  input: MediaInput
}
export interface AudioType extends ValueType {
  kind: 'audio'
  value: Audio
  input: MediaInput
}
export interface DocumentType extends ValueType {
  kind: 'document'
  value: Document
  input: MediaInput
}
export interface FileType extends ValueType {
  kind: 'file'
  value: File
  input: MediaInput
}
