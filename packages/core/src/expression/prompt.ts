import { VivantError } from '../error/vivant-error.ts'
import { decodeJson } from '../value/decode-json.ts'
import { describeType } from '../value/describe-type.ts'
import { hasTextForm, textForm } from '../value/text-form.ts'
import { createExpression } from './create-expression.ts'
import { operatorNode } from './create-node.ts'
import type { Expression, NullOfExpression } from './expression.ts'
import type { Literal } from './literal.ts'
import { mergeFunctions, type Operand, parseFreeOperand } from './parse-operand.ts'
import type { TextExpression } from './text-expression.ts'
import { describeNode } from './tree/describe-node.ts'

/**
 * A text with expressions in it; null when one of them is. `obj` and JSON stand as JSON, timestamps as ISO 8601.
 *
 * ```ts
 * prompt`Describe ${r.title} in ${3} words`
 * ```
 */
export function prompt<X extends readonly (Expression | Literal)[]>(
  strings: TemplateStringsArray,
  ...values: X
): TextExpression<string, NullOfExpression<X[number]>> {
  const texts: [string, ...string[]] = [strings[0] ?? '']
  const operands: Operand[] = []
  for (const [index, value] of values.entries()) {
    const operand = parseFreeOperand(value)
    const { node } = operand
    const after = strings[index + 1] ?? ''
    if (!hasTextForm(node.type)) throw new VivantError('TYPE_MISMATCH', `prompt: ${describeNode(node)} is ${describeType(node.type)}, which has no text`)
    if (node.node === 'literal' && node.value !== null) {
      texts[texts.length - 1] += textForm(node.type, decodeJson(node.type, node.value)) + after
    } else {
      operands.push(operand)
      texts.push(after)
    }
  }
  const node = operatorNode(
    'template',
    operands.map((operand) => operand.node),
    { kind: 'text' },
    { strings: texts },
  )
  return createExpression(node, mergeFunctions(operands)) as TextExpression<string, NullOfExpression<X[number]>>
}
