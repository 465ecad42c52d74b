import type { StandardSchemaV1 } from '@standard-schema/spec'
import type {
  ArrayType,
  AudioType,
  BigintType,
  BinaryType,
  BooleanType,
  DateType,
  DocumentType,
  FileType,
  ImageType,
  JsonType,
  NumberType,
  RecordType,
  TextType,
  TimestampType,
  UuidType,
  VectorType,
  VideoType,
} from '../value/value-type.ts'
import type { AnyColumn, PlainColumn, RecordColumns, TypeOfColumn } from './column.ts'
import type { BoundedColumnBuilder, ColumnBuilder } from './column-builder.ts'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** The column types, as `t` has them. */
export interface ColumnTypes {
  /** Unicode text without NUL characters. */
  text(): BoundedColumnBuilder<TextType, never>
  /** A whole number between -2^53 and 2^53; int8 in PostgreSQL. */
  int(): BoundedColumnBuilder<NumberType, never>
  /** A double; float8 in PostgreSQL. NaN and the infinities are values. */
  float(): BoundedColumnBuilder<NumberType, never>
  /** A whole number of up to 20 digits; numeric(20, 0) in PostgreSQL. */
  bigint(): BoundedColumnBuilder<BigintType, never>
  boolean(): ColumnBuilder<BooleanType, never>
  /** An instant, in milliseconds, of the years 1 to 9999. */
  timestamp(): ColumnBuilder<TimestampType, never>
  /** A day, `YYYY-MM-DD`. */
  date(): ColumnBuilder<DateType, never>
  uuid(): ColumnBuilder<UuidType, never>
  binary(): ColumnBuilder<BinaryType, never>
  /** With a Standard Schema (zod, valibot, …) it validates, and its types are inferred. The schema must be synchronous. */
  json<I, O>(schema: StandardSchemaV1<I, O>): ColumnBuilder<JsonType<O, I>, never>
  // NoInfer: without it `input: [t.json()]` takes V = unknown from the place where it stands.
  json<V = Json>(): ColumnBuilder<JsonType<NoInfer<V>>, never>
  /** Named fields with types of their own: `r.song.tempo` is an expression. */
  record<C extends RecordColumns>(fields: C): ColumnBuilder<RecordType<{ readonly [K in keyof C]: PlainColumn<C[K]> }>, never>
  /** One of some texts. */
  enum<const V extends string>(...values: readonly V[]): ColumnBuilder<TextType<V>, never>
  /** Elements are never null. */
  array<C extends AnyColumn>(element: C): ColumnBuilder<ArrayType<TypeOfColumn<C>>, never>
  /** 32-bit floats, 1 to 16,000 of them. */
  vector<const D extends number>(dimensions: D): ColumnBuilder<VectorType<D>, never>
  image(): ColumnBuilder<ImageType, never>
  video(): ColumnBuilder<VideoType, never>
  audio(): ColumnBuilder<AudioType, never>
  document(): ColumnBuilder<DocumentType, never>
  /** Bytes of any kind. */
  file(): ColumnBuilder<FileType, never>
}
