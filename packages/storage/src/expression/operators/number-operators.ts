import { type OperatorNode, optionOf } from '@vivant/core'
import { type RawBuilder, sql } from 'kysely'
import { magnitudeOf } from '../magnitude.ts'
import { fragmentAt, operandAt, subjectType } from '../operand.ts'
import type { Fragment, OperatorContext, SqlOperator } from '../sql-operator.ts'

/**
 * PostgreSQL raises when a float8 overflows or vanishes; here the result is null or 0, as in JavaScript. So operands of
 * unknown size go through the functions of migrations/idempotent/0002_expressions.sql, the others through the plain operators.
 */
export const numberOperators: Record<'add' | 'sub' | 'mul' | 'div' | 'mod' | 'abs' | 'round', SqlOperator> = {
  add: arithmetic('add', sql`+`),
  sub: arithmetic('sub', sql`-`),
  mul: arithmetic('mul', sql`*`),
  div: { compile: compileDivision },
  mod: {
    compile: (node, operands) =>
      isBigint(node)
        ? sql`mod(${fragmentAt(operands, 0)}, nullif(${fragmentAt(operands, 1)}, 0))`
        : sql`vivant.mod(${asFloat(node, operands, 0)}, ${asFloat(node, operands, 1)})`,
  },
  abs: {
    compile: (node, operands) => {
      if (isBigint(node) || magnitudeOf(operandAt(node, 0))) return sql`abs(${isBigint(node) ? fragmentAt(operands, 0) : asFloat(node, operands, 0)})`
      // least() takes NaN for greater than infinity
      return sql`nullif(least(abs(${asFloat(node, operands, 0)}), 'Infinity'::float8), 'Infinity'::float8)`
    },
  },
  round: {
    compile: (node, operands, context) => {
      const scale = context.constant(`1e${optionOf(node, 'digits')}`, 'float8')
      return sql`vivant.${form(node, 'round')}(${asFloat(node, operands, 0)}, ${scale})`
    },
  },
}

function arithmetic(name: string, operator: RawBuilder<unknown>): SqlOperator {
  return {
    compile: (node, operands) => {
      if (isBigint(node)) return withinDigits(sql`(${fragmentAt(operands, 0)} ${operator} ${fragmentAt(operands, 1)})`)
      const [a, b] = [asFloat(node, operands, 0), asFloat(node, operands, 1)]
      return magnitudeOf(node) ? sql`(${a} ${operator} ${b})` : sql`vivant.${form(node, name)}(${a}, ${b})`
    },
  }
}

function compileDivision(node: OperatorNode, operands: readonly Fragment[], _context: OperatorContext): Fragment {
  if (isBigint(node)) return sql`div(${fragmentAt(operands, 0)}, nullif(${fragmentAt(operands, 1)}, 0))`
  const [a, b] = [asFloat(node, operands, 0), asFloat(node, operands, 1)]
  return magnitudeOf(node) ? sql`(${a} / nullif(${b}, 0))` : sql`vivant.${form(node, 'div')}(${a}, ${b})`
}

/** The planner inlines the plain form where it need not repeat an expression. */
function form(node: OperatorNode, name: string): RawBuilder<unknown> {
  return sql.raw(node.operands.every((operand) => operand.node === 'column' || operand.node === 'literal') ? name : `${name}_nested`)
}

/** Null for what has more than 20 digits, with the expression written once. */
function withinDigits(value: Fragment): Fragment {
  return sql`nullif(nullif(least(greatest(${value}, -1e20), 1e20), 1e20), -1e20)`
}

function asFloat(node: OperatorNode, operands: readonly Fragment[], index: number): Fragment {
  const fragment = fragmentAt(operands, index)
  return operandAt(node, index).type.kind === 'float' ? fragment : sql`${fragment}::float8`
}

function isBigint(node: OperatorNode): boolean {
  return subjectType(node).kind === 'bigint'
}
