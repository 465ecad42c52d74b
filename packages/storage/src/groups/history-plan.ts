import { type ArrayDataType, columnNode, type DataType, type ExpressionNode, historiesIn, mapNode, ownResultColumn, walkNodes } from '@vivant/core'

/** The history that a column reads, as its model has it. */
export interface HistoryPlan {
  /** Names of the stored columns whose values make a group. */
  readonly by: readonly string[]
  readonly orderBy: string
  readonly orderType: DataType
  readonly last: number
  /** What is read of an earlier row; its own result stands there under `ownResultColumn`. */
  readonly fields: { readonly [name: string]: ExpressionNode }
  readonly type: ArrayDataType
  /** Reads the column's own earlier results: a result that changes may change all behind it. */
  readonly readsOwn: boolean
}

/** The name under which a column's expression reads its history. Users' names have no `$`. */
export const historyColumn = '$history'

/** Takes the history out of an expression: what is left reads it as a column. */
export function splitHistory(expression: ExpressionNode): { readonly expression: ExpressionNode; readonly history: HistoryPlan | null } {
  const [node] = historiesIn(expression)
  if (!node) return { expression, history: null }
  const readsOwn = Object.values(node.fields).some((field) =>
    [...walkNodes(field)].some((inner) => inner.node === 'column' && inner.column === ownResultColumn),
  )
  return {
    expression: mapNode(expression, (inner) => (inner.node === 'history' ? columnNode(historyColumn, inner.type) : undefined)),
    history: {
      by: node.by.map(({ column }) => column),
      orderBy: node.orderBy.column,
      orderType: node.orderBy.type,
      last: node.last,
      fields: node.fields,
      type: node.type,
      readsOwn,
    },
  }
}

/** Whether two expressions order and group rows alike, so that what is known of the groups of one holds for the other. */
export function sameGroups(left: ExpressionNode, right: ExpressionNode): boolean {
  const keys = (expression: ExpressionNode): string =>
    JSON.stringify(historiesIn(expression).map(({ by, orderBy }) => [by.map(({ column, type }) => [column, type]), orderBy.column, orderBy.type]))
  return keys(left) === keys(right)
}
