import { type ExpressionNode, walkNodes } from '@vivant/core'
import { aggregateUnsupported } from './compile-aggregate.ts'
import { jsonFormUnsupported } from './json-form.ts'
import { sqlOperators } from './sql-operators.ts'

/**
 * Why PostgreSQL cannot evaluate an expression so that it means what JavaScript computes; undefined when it can. What it
 * cannot evaluate is run in the worker: stored as a computed column, or computed on the rows of a query.
 */
export function notExpressible(node: ExpressionNode): string | undefined {
  return firstReason(node, (entry) => {
    switch (entry.node) {
      case 'call':
        return `${entry.function.name} is a function`
      case 'operator':
        return sqlOperators[entry.operator].unsupported?.(entry)
      case 'history':
        return 'history() is over earlier rows, in order: only a computed column has it'
      case 'aggregate':
        return aggregateUnsupported(entry)
      case 'rollUp':
        return notExpressible(entry.aggregate)
      case 'object':
        return Object.values(entry.fields)
          .map((field) => jsonFormUnsupported(field.type))
          .find((reason) => reason !== undefined)
      default:
        return undefined
    }
  })
}

/**
 * Why a computed column of this expression cannot be virtual; undefined when it can: PostgreSQL evaluates it, never raises, and
 * the value changes only with its columns.
 */
export function notVirtual(node: ExpressionNode): string | undefined {
  return (
    notExpressible(node) ??
    firstReason(node, (entry) => {
      if (entry.node === 'rollUp') return 'the rows of a view are followed by workers'
      if (entry.node === 'cell') return `the ${entry.property} of a cell changes by itself`
      return entry.node === 'operator' ? sqlOperators[entry.operator].unstable?.(entry) : undefined
    })
  )
}

function firstReason(node: ExpressionNode, reasonOf: (entry: ExpressionNode) => string | undefined): string | undefined {
  for (const entry of walkNodes(node)) {
    const reason = reasonOf(entry)
    if (reason !== undefined) return reason
  }
  return undefined
}
