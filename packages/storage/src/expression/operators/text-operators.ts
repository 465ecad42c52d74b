import { optionOf } from '@vivant/core'
import { sql } from 'kysely'
import { byCodePoint, fragmentAt } from '../operand.ts'
import type { SqlOperator } from '../sql-operator.ts'
import { textFormOf, textFormUnsupported } from '../text-form.ts'

type TextOperator = 'concat' | 'upper' | 'lower' | 'trim' | 'length' | 'like' | 'ilike' | 'contains' | 'startsWith' | 'replace' | 'split' | 'template'

/**
 * What depends on a collation is done in "C": case is that of ASCII, characters are code points. Results go back to the
 * database's collation, or a reader of the live view could not compare them with his own columns.
 */
export const textOperators: Record<TextOperator, SqlOperator> = {
  concat: { compile: (_node, operands) => sql`(${fragmentAt(operands, 0)} || ${fragmentAt(operands, 1)})` },
  upper: { compile: (_node, operands) => sql`(upper(${byCodePoint(fragmentAt(operands, 0))}) collate "default")` },
  lower: { compile: (_node, operands) => sql`(lower(${byCodePoint(fragmentAt(operands, 0))}) collate "default")` },
  trim: { compile: (_node, operands) => sql`btrim(${fragmentAt(operands, 0)}, E' \\t\\n\\x0B\\f\\r')` },
  length: { compile: (_node, operands) => sql`length(${fragmentAt(operands, 0)})::int8` },
  like: { compile: (node, operands, context) => sql`(${byCodePoint(fragmentAt(operands, 0))} like ${context.constant(optionOf(node, 'pattern'), 'text')})` },
  ilike: {
    compile: (node, operands, context) => {
      const pattern = optionOf(node, 'pattern').replace(/[A-Z]+/gu, (letters) => letters.toLowerCase())
      return sql`(lower(${byCodePoint(fragmentAt(operands, 0))}) like ${context.constant(pattern, 'text')})`
    },
  },
  contains: { compile: (_node, operands) => sql`(strpos(${byCodePoint(fragmentAt(operands, 0))}, ${byCodePoint(fragmentAt(operands, 1))}) > 0)` },
  startsWith: { compile: (_node, operands) => sql`starts_with(${byCodePoint(fragmentAt(operands, 0))}, ${byCodePoint(fragmentAt(operands, 1))})` },
  replace: {
    compile: (node, operands, context) => {
      const [from, to] = [context.constant(optionOf(node, 'from'), 'text'), context.constant(optionOf(node, 'to'), 'text')]
      return sql`(replace(${byCodePoint(fragmentAt(operands, 0))}, ${from}, ${to}) collate "default")`
    },
  },
  split: {
    compile: (node, operands, context) => {
      const separator = context.constant(optionOf(node, 'separator'), 'text')
      return sql`(string_to_array(${byCodePoint(fragmentAt(operands, 0))}, ${separator}) collate "default")`
    },
  },
  template: {
    compile: (node, operands, context) => {
      const strings = optionOf(node, 'strings')
      const parts = node.operands.flatMap((operand, index) => [
        textFormOf(operand.type, fragmentAt(operands, index)),
        context.constant(strings[index + 1] ?? '', 'text'),
      ])
      return sql`(${sql.join([context.constant(strings[0] ?? '', 'text'), ...parts], sql` || `)})`
    },
    unsupported: (node) => node.operands.map((operand) => textFormUnsupported(operand.type)).find((reason) => reason !== undefined),
  },
}
