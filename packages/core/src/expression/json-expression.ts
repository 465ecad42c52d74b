import type { AnyColumn, TypeOfColumn } from '../column/column.ts'
import type { JsonType } from '../value/value-type.ts'
import type { Comparable } from './comparable.ts'
import type { ExpressionOf } from './expression-of.ts'
import type { JsonAt, JsonPath } from './json-path.ts'

export interface JsonExpression<V, N extends null> extends Comparable<JsonType<V>, N> {
  /** The part at a path: `at('a', 0, 'b')`. Array elements and optional properties may be null. */
  at<const P extends readonly (string | number)[]>(...path: P & JsonPath<V, P>): JsonAt<V, P, N>
  /** Read as a SQL type, so that its methods apply: `.as(t.text())`. Null when it is something else. */
  as<C extends AnyColumn>(type: C): ExpressionOf<TypeOfColumn<C>, null>
}
