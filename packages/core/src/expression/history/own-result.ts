import type { AnyColumn, Column, TypeOfColumn } from '../../column/column.ts'
import { columnSpec, isColumn } from '../../column/column-spec.ts'
import { VivantError } from '../../error/vivant-error.ts'
import type { FunctionDefinition } from '../../function/function-definition.ts'
import type { HasFunction } from '../../function/udf.ts'
import type { DataType } from '../../value/data-type.ts'
import { createColumnExpression } from '../create-column-expression.ts'
import type { Expression } from '../expression.ts'
import type { ExpressionOf } from '../expression-of.ts'

/** How the fields of a history name what their own column gave for an earlier row. Users' names have no `$`. */
export const ownResultColumn = '$self'

type ResultColumn<F> = F extends HasFunction<infer _I, infer O> ? O : F extends Column<infer _T, infer _F> ? F : never

/**
 * What the column itself gave for the earlier row, null where that failed or was skipped. Its type is that of the function that
 * makes it, `self(assign)`, or a column type, `self(t.int())`: the column cannot be asked, as it is only being declared.
 */
export type OwnResult = <F extends HasFunction | AnyColumn>(of: F) => ExpressionOf<TypeOfColumn<ResultColumn<F>>, null>

export function ownResult(of: unknown): Expression {
  return createColumnExpression(ownResultColumn, typeOf(of))
}

function typeOf(of: unknown): DataType {
  if (isColumn(of)) return columnSpec(of).type
  const definition = typeof of === 'function' ? (of as unknown as { readonly definition?: FunctionDefinition }).definition : undefined
  if (definition !== undefined) return definition.output.type
  throw new VivantError('TYPE_MISMATCH', 'self() takes the function whose result the column is, or a column type: self(assign), self(t.int())')
}
