import { castMayFail, castRule, type DataType, describeType, type OperatorNode } from '@vivant/core'
import { sql } from 'kysely'
import { jsonFormOf, jsonFormUnsupported } from '../json-form.ts'
import { fragmentAt, subjectType } from '../operand.ts'
import type { Fragment, SqlOperator } from '../sql-operator.ts'
import { textFormOf, textFormUnsupported } from '../text-form.ts'

/** Only casts that cannot fail are done in SQL: one row that does not convert would fail the whole statement there, its own cell in JavaScript. */
export const castOperator: SqlOperator = {
  compile: (node, operands) => {
    const [from, to, x] = [subjectType(node), node.type, fragmentAt(operands, 0)]
    switch (castRule(from, to)) {
      case 'text':
        return textFormOf(from, x)
      case 'json':
        return jsonFormOf(from, x)
      case 'day':
        return sql`(${x} at time zone 'UTC')::date`
      case 'widen':
        return widen(from, to, x)
      default:
        return x
    }
  },
  unsupported: castUnsupported,
}

function castUnsupported(node: OperatorNode): string | undefined {
  const [from, to] = [subjectType(node), node.type]
  const rule = castRule(from, to)
  if (rule === undefined || castMayFail[rule]) return `a cast from ${describeType(from)} to ${describeType(to)} may fail`
  return rule === 'text' ? textFormUnsupported(from) : rule === 'json' ? jsonFormUnsupported(from) : undefined
}

function widen(from: DataType, to: DataType, x: Fragment): Fragment {
  if (from.kind === 'date') return sql`vivant.midnight(${x})`
  if (from.kind === 'vector') return sql`${x}::real[]::float8[]`
  if (from.kind === 'boolean') return to.kind === 'int' ? sql`${x}::int4::int8` : sql`${x}::int4::float8`
  return to.kind === 'bigint' ? sql`${x}::numeric(20,0)` : sql`${x}::float8`
}
