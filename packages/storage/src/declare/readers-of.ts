import { columnOfParent, columnsOf, type ExpressionNode, walkNodes } from '@vivant/core'
import type { CellColumn, TableModel, VirtualColumn } from '../catalog/table-model.ts'

/** Columns of the table whose expression, or condition, names this one: also as the parent of the rows that a roll-up is over. */
export function readersOf(model: TableModel, name: string): readonly (CellColumn | VirtualColumn)[] {
  return [...model.cells, ...model.virtual].filter((column) => namesOf(column).includes(name))
}

function namesOf(column: CellColumn | VirtualColumn): readonly string[] {
  const condition = column.kind === 'virtual' ? null : column.declaredCondition
  return [column.declared, ...(condition ? [condition] : [])].flatMap((node) => [...columnsOf(node).map((read) => read.column), ...namesThroughChildren(node)])
}

function namesThroughChildren(node: ExpressionNode): readonly string[] {
  return [...walkNodes(node)].flatMap((inner) =>
    inner.node === 'rollUp' ? columnsOf(inner.aggregate).flatMap(({ column }) => columnOfParent(column) ?? []) : [],
  )
}
