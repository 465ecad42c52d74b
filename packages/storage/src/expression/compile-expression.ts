import { decodeJson, describeNode, type ExpressionNode, type LiteralNode, type ObjectNode, VivantError } from '@vivant/core'
import { sql } from 'kysely'
import { encodeValue } from '../value/encode-value.ts'
import { pgType } from '../value/pg-type.ts'
import { jsonFormOf } from './json-form.ts'
import { isJson } from './operand.ts'
import { notExpressible } from './sql-limits.ts'
import type { CompileContext, Fragment, OperatorContext } from './sql-operator.ts'
import { sqlOperators } from './sql-operators.ts'
import { withWholeLiterals } from './whole-literals.ts'

/**
 * An expression as SQL that means what `compileEvaluator` computes; constants are parameters. The result stands for itself
 * (a name, a call, or in parentheses) and has the type `pgType(node.type)`.
 *
 * Throws EXPRESSION_INVALID when there is no such SQL: ask `notExpressible` first.
 *
 * @example
 * sql`select ${compileExpression(node, { column: ({ column }) => sql.ref(column), … })} from videos`
 */
export function compileExpression(node: ExpressionNode, context: CompileContext): Fragment {
  return compileWith(node, { ...context, constant: (text, type) => sql`${text}::${sql.raw(type)}` })
}

/** For another way to write constants: see `compileToText`. */
export function compileWith(node: ExpressionNode, context: OperatorContext): Fragment {
  const reason = notExpressible(node)
  if (reason !== undefined) throw new VivantError('EXPRESSION_INVALID', `This expression cannot be evaluated by PostgreSQL: ${reason}.`)
  return compile(node, context)
}

function compile(node: ExpressionNode, context: OperatorContext): Fragment {
  switch (node.node) {
    case 'column':
      return context.column(node)
    case 'cell':
      return context.cell(node)
    case 'literal':
      return compileLiteral(node, context)
    case 'object':
      return compileObject(node, context)
    case 'subquery':
      if (context.subquery) return context.subquery(node)
      throw new VivantError('EXPRESSION_INVALID', `${describeNode(node)} cannot stand here: a subquery is for where, on, select and orderBy of rows.`)
    case 'rollUp':
      if (context.rollUp) return context.rollUp(node)
      throw new VivantError('EXPRESSION_INVALID', `${describeNode(node)} cannot stand here: it is for computed columns and for rows of a query.`)
    case 'aggregate':
      if (context.aggregate) return context.aggregate(node)
      throw new VivantError('EXPRESSION_INVALID', `${describeNode(node)} is of a group: group the rows first, with groupBy().`)
    case 'operator': {
      const operator = withWholeLiterals(node)
      const operands = operator.operands.map((operand) => compileOperand(operand, context))
      return sqlOperators[operator.operator].compile(operator, operands, context)
    }
    default:
      throw new VivantError('EXPRESSION_INVALID', 'A function is not evaluated by PostgreSQL.')
  }
}

/** As an operand, a JSON null that a column holds is a null. */
function compileOperand(node: ExpressionNode, context: OperatorContext): Fragment {
  const fragment = compile(node, context)
  return (node.node === 'column' || node.node === 'cell') && isJson(node.type) ? sql`nullif(${fragment}, 'null'::jsonb)` : fragment
}

function compileLiteral(node: LiteralNode, context: OperatorContext): Fragment {
  return context.constant(encodeValue(node.type, decodeJson(node.type, node.value)), pgType(node.type))
}

/** Fields per call of jsonb_build_object: PostgreSQL takes 100 arguments. */
const fieldsPerCall = 50

function compileObject(node: ObjectNode, context: OperatorContext): Fragment {
  const fields = Object.entries(node.fields).map(
    ([name, field]) => sql`${context.constant(name, 'text')}, ${jsonFormOf(field.type, compileOperand(field, context))}`,
  )
  const calls: Fragment[] = []
  for (let from = 0; from < fields.length || from === 0; from += fieldsPerCall) {
    calls.push(sql`jsonb_build_object(${sql.join(fields.slice(from, from + fieldsPerCall))})`)
  }
  return calls.length === 1 ? calls[0]! : sql`(${sql.join(calls, sql` || `)})`
}
