import type { FunctionDefinition } from '../function/function-definition.ts'
import type { DataTypeKind } from '../value/data-type.ts'
import type { Expression } from './expression.ts'
import type { ExpressionState } from './expression-state.ts'
import { ArrayMethods } from './kinds/array-methods.ts'
import { BooleanMethods } from './kinds/boolean-methods.ts'
import { ComparableMethods } from './kinds/comparable-methods.ts'
import { JsonMethods } from './kinds/json-methods.ts'
import { AudioMethods, DocumentMethods, ImageMethods, MediaMethods, VideoMethods } from './kinds/media-methods.ts'
import { ArithmeticMethods, NumberMethods } from './kinds/number-methods.ts'
import { OrderedMethods } from './kinds/ordered-methods.ts'
import { RecordMethods } from './kinds/record-methods.ts'
import { TextMethods } from './kinds/text-methods.ts'
import { DateMethods, TimestampMethods } from './kinds/time-methods.ts'
import { VectorMethods } from './kinds/vector-methods.ts'
import type { ExpressionNode } from './node.ts'
import { noFunctions } from './parse-operand.ts'

type Methods = new (state: ExpressionState) => object

/** Whose methods the expressions of each kind of value have. */
const methodsByKind: Readonly<Record<DataTypeKind, Methods>> = {
  text: TextMethods,
  enum: TextMethods,
  int: NumberMethods,
  float: NumberMethods,
  bigint: ArithmeticMethods,
  boolean: BooleanMethods,
  timestamp: TimestampMethods,
  date: DateMethods,
  uuid: OrderedMethods,
  binary: ComparableMethods,
  json: JsonMethods,
  record: RecordMethods,
  array: ArrayMethods,
  vector: VectorMethods,
  image: ImageMethods,
  video: VideoMethods,
  audio: AudioMethods,
  document: DocumentMethods,
  file: MediaMethods,
}

/**
 * The expression object of a node, with the methods of its type. `functions` is the code of the calls in it; a package that makes
 * nodes of its own wraps them with this.
 */
export function createExpression(node: ExpressionNode, functions: ReadonlySet<FunctionDefinition> = noFunctions): Expression {
  const methods = methodsByKind[node.type.kind]
  return Object.freeze(new methods({ node, functions, create: createExpression })) as Expression
}
