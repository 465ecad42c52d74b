import type { CallNode, CellNode, ColumnNode, OperatorNode, RollUpNode } from '../node.ts'

/** Gives an expression's value in one row of the batch, by its index. Never undefined: what is missing is null. */
export type Evaluator = (row: number) => unknown

/**
 * Where an expression's leaves come from: each method is asked once per node, when the expression is compiled, and answers
 * with a reader of that column of the batch. So no row object is ever built.
 */
export interface EvaluationContext {
  /** Values as `decodeValue` and `validateValue` give them. */
  readonly column: (node: ColumnNode) => Evaluator
  readonly cell: (node: CellNode) => Evaluator
  /** The results of a function, run beforehand over the batch: `collectCalls` has them in an order that can be run. */
  readonly call: (node: CallNode) => Evaluator
  /** What the rows of a view come to, as the database has said; only where computed columns are. */
  readonly rollUp?: (node: RollUpNode) => Evaluator
  /** What the media catalog knows of a reference: `mediaProperty` nodes, and `similarity` over an embedding index. */
  readonly lookup: (node: OperatorNode, operands: readonly Evaluator[]) => Evaluator
  /** When the evaluation began: one instant for the whole batch, in whole milliseconds. */
  readonly now: () => Date
}

/** How one operator is compiled: from its operands' evaluators to its own. */
export type OperatorEvaluator = (node: OperatorNode, operands: readonly Evaluator[], context: EvaluationContext) => Evaluator
