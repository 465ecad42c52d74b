import type { OperatorName } from '@vivant/core'
import { castOperator } from './operators/cast-operator.ts'
import { comparisonOperators } from './operators/comparison-operators.ts'
import { logicOperators } from './operators/logic-operators.ts'
import { numberOperators } from './operators/number-operators.ts'
import { structureOperators } from './operators/structure-operators.ts'
import { textOperators } from './operators/text-operators.ts'
import { timeOperators } from './operators/time-operators.ts'
import { vectorOperators } from './operators/vector-operators.ts'
import type { SqlOperator } from './sql-operator.ts'

/** Every operator in SQL. */
export const sqlOperators: Record<OperatorName, SqlOperator> = {
  ...comparisonOperators,
  ...logicOperators,
  ...numberOperators,
  ...textOperators,
  ...structureOperators,
  ...timeOperators,
  ...vectorOperators,
  cast: castOperator,
  mediaProperty: { compile: (node, operands, context) => context.lookup(node, operands) },
}
