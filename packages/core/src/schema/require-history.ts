import { VivantError } from '../error/vivant-error.ts'
import { historiesIn } from '../expression/history/history.ts'
import { ownResultColumn } from '../expression/history/own-result.ts'
import type { ExpressionNode } from '../expression/node.ts'
import { walkNodes } from '../expression/tree/walk-nodes.ts'
import { describeType } from '../value/describe-type.ts'
import { isSameType } from '../value/same-type.ts'
import type { TableDefinition } from './table-definition.ts'

/** Whether the history that a column reads, if any, is one that can be kept right. Throws EXPRESSION_INVALID and TYPE_MISMATCH. */
export function requireHistory(table: TableDefinition, name: string, expression: ExpressionNode, condition: ExpressionNode | null): void {
  const histories = [...historiesIn(expression), ...(condition ? historiesIn(condition) : [])]
  const refuse = (reason: string): never => {
    throw new VivantError('EXPRESSION_INVALID', `'${name}' ${reason}`, { details: { table: table.name, column: name } })
  }
  if (histories.length > 1) return refuse('reads two histories: a column has one; make a column for each')
  if (condition && historiesIn(condition).length > 0) return refuse('has a history in its condition, where it cannot be')
  for (const { by, orderBy, fields } of histories) {
    for (const { column } of [...by, orderBy])
      if (!isStored(table, column)) return refuse(`has a history by "${column}", which is no stored column of '${table.name}'`)
    for (const field of Object.values(fields))
      for (const node of walkNodes(field)) {
        if (node.node !== 'column') continue
        if (node.column === ownResultColumn) requireOwnType(name, node.type, expression.type)
        else if (!isStored(table, node.column) && !table.computed.some((column) => column.name === node.column))
          return refuse(`reads "${node.column}" of earlier rows, which is no column of '${table.name}' itself`)
      }
  }
}

function requireOwnType(name: string, said: ExpressionNode['type'], is: ExpressionNode['type']): void {
  if (isSameType(said, is)) return
  throw new VivantError(
    'TYPE_MISMATCH',
    `'${name}' is ${describeType(is)}, but its own earlier results are read as ${describeType(said)}: self() takes what makes the column`,
    {
      details: { column: name },
    },
  )
}

/** A view's rows are grouped by their parent too. */
function isStored(table: TableDefinition, column: string): boolean {
  return column === '_id' || (column === '_parent' && table.view !== null) || table.columns.some(({ name }) => name === column)
}
