import { addSteps, beginningOf, dateText, dayNumber, durationSteps, fieldOf } from './calendar.ts'
import type { OperatorEvaluator } from './evaluator.ts'
import { optionOf } from './operator-options.ts'
import { operandAt, strictUnary } from './strict.ts'

export const timeEvaluators: Record<'extract' | 'trunc' | 'addDuration' | 'subDuration' | 'now', OperatorEvaluator> = {
  extract: (node, operands, context) => {
    const read = fieldOf(optionOf(node, 'field'))
    const extract = isDate(node.operands) ? strictUnary((a: string) => read(dayNumber(a))) : strictUnary((a: Date) => read(a.getTime()))
    return extract(node, operands, context)
  },
  trunc: (node, operands, context) => {
    const field = optionOf(node, 'field')
    return strictUnary((a: Date) => dateOrNull(beginningOf(field, a.getTime())))(node, operands, context)
  },
  addDuration: shift(1),
  subDuration: shift(-1),
  now: (_node, _operands, context) => {
    const now = context.now()
    return () => now
  },
}

function shift(sign: 1 | -1): OperatorEvaluator {
  return (node, operands, context) => {
    const steps = durationSteps(optionOf(node, 'duration'), sign)
    const add = isDate(node.operands)
      ? strictUnary((a: string) => {
          const day = addSteps(dayNumber(a), steps)
          return day === null ? null : dateText(day)
        })
      : strictUnary((a: Date) => dateOrNull(addSteps(a.getTime(), steps)))
    return add(node, operands, context)
  }
}

function isDate(operands: Parameters<OperatorEvaluator>[0]['operands']): boolean {
  return operandAt(operands, 0).type.kind === 'date'
}

function dateOrNull(time: number | null): Date | null {
  return time === null ? null : new Date(time)
}
