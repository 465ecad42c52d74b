import { type DataType, describeType, type OperatorNode, optionOf } from '@vivant/core'
import { sql } from 'kysely'
import { encodeArray } from '../../value/encode-value.ts'
import { isJsonArray, pgType } from '../../value/pg-type.ts'
import { fromJsonForm, fromJsonFormUnsupported, jsonFormOf } from '../json-form.ts'
import { fragmentAt, operandAt, subjectType } from '../operand.ts'
import type { Fragment, OperatorContext, SqlOperator } from '../sql-operator.ts'

/** JSON, records and arrays. A JSON null is a null. */
export const structureOperators: Record<'jsonAt' | 'jsonAs' | 'field' | 'arrayAt' | 'arrayLength' | 'arrayContains', SqlOperator> = {
  jsonAt: {
    compile: (node, operands, context) => {
      const path = optionOf(node, 'path')
      return path.reduce((at, step) => jsonStep(at, step, context), fragmentAt(operands, 0))
    },
  },
  jsonAs: {
    compile: (node, operands, context) => {
      const read = fromJsonForm(node.type, fragmentAt(operands, 0))
      if (node.type.kind !== 'enum') return read
      return sql`case when ${read} = any(${context.constant(encodeArray(node.type, node.type.values), 'text[]')}) then ${read} end`
    },
    unsupported: (node) => (jsonAsTypes.has(node.type.kind) ? undefined : `${describeType(node.type)} inside JSON is read by JavaScript only`),
  },
  field: {
    compile: (node, operands, context) => fromJsonForm(node.type, jsonStep(fragmentAt(operands, 0), optionOf(node, 'name'), context)),
    unsupported: (node) => fromJsonFormUnsupported(node.type),
  },
  arrayAt: {
    compile: (node, operands, context) => {
      const [array, index] = [fragmentAt(operands, 0), optionOf(node, 'index')]
      if (isJsonArray(subjectType(node))) return fromJsonForm(node.type, jsonStep(array, index, context))
      // `[:]` counts from 1 whatever lower bound another client's array has.
      return sql`((${array})[:])[${context.constant(String(index + 1), 'int4')}]`
    },
    unsupported: (node) => (isJsonArray(subjectType(node)) ? fromJsonFormUnsupported(node.type) : undefined),
  },
  arrayLength: {
    compile: (node, operands) => {
      const array = fragmentAt(operands, 0)
      return isJsonArray(subjectType(node)) ? sql`vivant.json_length(${array})` : sql`cardinality(${array})::int8`
    },
  },
  arrayContains: { compile: compileContains },
}

/** Other types are accepted in more notations than are worth telling apart in SQL. */
const jsonAsTypes: ReadonlySet<DataType['kind']> = new Set(['json', 'text', 'enum', 'int', 'float', 'bigint', 'boolean', 'uuid', 'date'])

function jsonStep(at: Fragment, step: string | number, context: OperatorContext): Fragment {
  if (typeof step === 'number') return sql`vivant.json_item(${at}, ${context.constant(String(step), 'int4')})`
  return sql`nullif(${at} -> ${context.constant(step, 'text')}, 'null'::jsonb)`
}

function compileContains(node: OperatorNode, operands: readonly Fragment[]): Fragment {
  const [type, element] = [subjectType(node), operandAt(node, 1)]
  const [array, x] = [fragmentAt(operands, 0), fragmentAt(operands, 1)]
  if (isJsonArray(type)) return sql`vivant.json_contains(${array}, ${jsonFormOf(element.type, x)})`
  const elementType = element.type.kind === 'float' || type.kind !== 'array' ? element.type : type.element
  const contains = sql`(${array}::${sql.raw(pgType(elementType))}[] @> array[${x}]::${sql.raw(pgType(elementType))}[])`
  // `@>` says false of a null element; the expression is null then.
  return element.node === 'literal' && element.value !== null ? contains : sql`case when ${x} is not null then ${contains} end`
}
