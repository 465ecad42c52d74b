import { literalNode } from '../expression/create-node.ts'
import { noFunctions, type Operand, parseNullableOperand, refuseHiddenExpression } from '../expression/parse-operand.ts'
import { isMediaType } from '../value/data-type.ts'
import { containsMedia, replaceMedia } from '../value/replace-media.ts'
import { decodeJson } from '../value/decode-json.ts'
import { validateValue } from '../value/validate-value.ts'
import { checkArgumentCount, functionLabel } from './call-arguments.ts'
import type { FunctionDefinition, ParameterDefinition } from './function-definition.ts'

type Signature = Pick<FunctionDefinition, 'name' | 'inputs'>

/** The arguments of a call as operands: every input has one, also those left out (their default). */
export function parseArguments(definition: Signature, args: readonly unknown[]): readonly Operand[] {
  checkArgumentCount(definition, args)
  return definition.inputs.map((input, index) => {
    const given = args[index]
    if (given === undefined) return { node: literalNode(input.defaultValue, input.type), functions: noFunctions }
    return parseNullableOperand(given, input.type, `argument ${index + 1} of ${functionLabel(definition)}`)
  })
}

/** The arguments of a call outside any table, checked as in a column; null when one is null that its input does not take. */
export function parsePlainArguments(definition: Signature, args: readonly unknown[]): readonly unknown[] | null {
  checkArgumentCount(definition, args)
  const values = definition.inputs.map((input, index) => plainArgument(input, args[index], `argument ${index + 1} of ${functionLabel(definition)}`))
  return values.some((value, index) => value === null && definition.inputs[index]?.nullable === false) ? null : values
}

function plainArgument(input: ParameterDefinition, given: unknown, place: string): unknown {
  if (given === null) return null
  if (given === undefined) return decodeJson(input.type, input.defaultValue, place)
  if (input.type.kind === 'json') refuseHiddenExpression(given, place)
  // Media are given as the code wants them: there is no store that could take a path or bytes in.
  if (isMediaType(input.type)) return given
  if (!containsMedia(input.type)) return validateValue(given, input.type, place)
  validateValue(
    replaceMedia(input.type, given, () => anyReference),
    input.type,
    place,
  )
  return given
}

/** Stands for media where only what lies around them is checked. */
const anyReference = 'https://localhost/'
