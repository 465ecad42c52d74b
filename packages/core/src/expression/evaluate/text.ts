import { textForm } from '../../value/text-form.ts'
import type { OperatorEvaluator } from './evaluator.ts'
import { likeMatcher } from './like-matcher.ts'
import { optionOf } from './operator-options.ts'
import { strictBinary, strictUnary } from './strict.ts'
import { trimAscii } from './trim-ascii.ts'

type TextOperator = 'concat' | 'upper' | 'lower' | 'trim' | 'length' | 'like' | 'ilike' | 'contains' | 'startsWith' | 'replace' | 'split' | 'template'

export const textEvaluators: Record<TextOperator, OperatorEvaluator> = {
  concat: strictBinary((a: string, b: string) => a + b),
  upper: strictUnary((a: string) => a.replace(/[a-z]+/g, (letters) => letters.toUpperCase())),
  lower: strictUnary(lowerAscii),
  trim: strictUnary(trimAscii),
  length: strictUnary(countCodePoints),
  like: (node, operands, context) => strictUnary(likeMatcher(optionOf(node, 'pattern')))(node, operands, context),
  ilike: (node, operands, context) => {
    const matches = likeMatcher(lowerAscii(optionOf(node, 'pattern')))
    return strictUnary((a: string) => matches(lowerAscii(a)))(node, operands, context)
  },
  contains: strictBinary((a: string, part: string) => a.includes(part)),
  startsWith: strictBinary((a: string, part: string) => a.startsWith(part)),
  replace: (node, operands, context) => {
    const [from, to] = [optionOf(node, 'from'), optionOf(node, 'to')]
    // as a function: in a text, `$&` would mean something
    return strictUnary((a: string) => a.replaceAll(from, () => to))(node, operands, context)
  },
  split: (node, operands, context) => {
    const separator = optionOf(node, 'separator')
    return strictUnary((a: string) => (a === '' ? [] : a.split(separator)))(node, operands, context)
  },
  template: (node, operands) => {
    const strings = optionOf(node, 'strings')
    const types = node.operands.map((operand) => operand.type)
    return (row) => {
      let text = strings[0] ?? ''
      for (const [index, type] of types.entries()) {
        const value = operands[index]?.(row) ?? null
        if (value === null) return null
        text += textForm(type, value) + (strings[index + 1] ?? '')
      }
      return text
    }
  },
}

/** ASCII letters only: what a letter's other case is beyond them depends on the version of Unicode, which the two sides do not share. */
export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

function countCodePoints(text: string): number {
  let count = text.length
  for (let index = 0; index < text.length; index++) if ((text.charCodeAt(index) & 0xfc00) === 0xd800) count--
  return count
}
