import type { ArrayType, BinaryType, RecordType, ValueType } from '../value/value-type.ts'
import type { ArrayExpression } from './array-expression.ts'
import type { BooleanExpression } from './boolean-expression.ts'
import type { Comparable } from './comparable.ts'
import type { JsonExpression } from './json-expression.ts'
import type { AudioExpression, DocumentExpression, FileExpression, ImageExpression, VideoExpression } from './media-expression.ts'
import type { BigintExpression, NumberExpression } from './number-expression.ts'
import type { RecordExpression } from './record-expression.ts'
import type { TextExpression } from './text-expression.ts'
import type { DateExpression, TimestampExpression, UuidExpression } from './time-expression.ts'
import type { VectorExpression } from './vector-expression.ts'

/** Which expression each kind of value has. A package adds a kind by declaring it here (declaration merging). */
export interface ExpressionByKind<T extends ValueType, N extends null> {
  text: TextExpression<Extract<T['value'], string>, N>
  number: NumberExpression<N>
  bigint: BigintExpression<N>
  boolean: BooleanExpression<N>
  timestamp: TimestampExpression<N>
  date: DateExpression<N>
  uuid: UuidExpression<N>
  binary: Comparable<BinaryType, N>
  json: JsonExpression<T['value'], N>
  record: RecordExpression<Extract<T, RecordType>['fields'], N>
  array: ArrayExpression<Extract<T, ArrayType>, N>
  vector: VectorExpression<T extends { dimensions: infer D extends number } ? D : number, N>
  image: ImageExpression<N>
  video: VideoExpression<N>
  audio: AudioExpression<N>
  document: DocumentExpression<N>
  file: FileExpression<N>
}

export type ExpressionOf<T extends ValueType, N extends null> = ExpressionByKind<T, N>[T['kind'] & keyof ExpressionByKind<T, N>]
