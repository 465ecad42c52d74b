import { createHash } from 'node:crypto'
import { VivantError } from '../error/vivant-error.ts'
import { stableJson } from '../value/stable-json.ts'
import type { OutputDefinition, ParameterDefinition } from './function-definition.ts'
import { canonicalSyntax } from './syntax/canonical-syntax.ts'
import { parseFunction } from './syntax/parse-function.ts'

export interface HashedFunction {
  readonly name: string | null
  readonly code: (...args: never[]) => unknown
  readonly inputs: readonly ParameterDefinition[]
  readonly output: OutputDefinition
  readonly version: string | undefined
}

/**
 * Which code a function is: SHA-256 over its syntax tree and its types, or over its name, `version` and its types. Layout, comments and the names of
 * parameters and local variables do not count; what the code imports or closes over is not seen.
 */
export function codeHash({ name, code, inputs, output, version }: HashedFunction): string {
  const types = [inputs.map(({ type, nullable }) => ({ type, nullable })), { type: output.type, nullable: output.nullable }]
  const identity = version === undefined ? `source ${sourceIdentity(code, name)}` : `version ${name} ${version}`
  return createHash('sha256').update(identity).update('\0').update(stableJson(types)).digest('hex')
}

function sourceIdentity(code: HashedFunction['code'], name: string | null): string {
  const label = name ?? 'an unnamed function'
  const source = Function.prototype.toString.call(code)
  if (/\{\s*\[native code\]\s*\}\s*$/.test(source)) {
    throw new VivantError('FUNCTION_NEEDS_VERSION', `${label} is bound or native, so its source cannot be seen: give it a version`, {
      details: { function: name },
    })
  }
  try {
    return canonicalSyntax(parseFunction(source))
  } catch (cause) {
    throw new VivantError('FUNCTION_NEEDS_VERSION', `the source of ${label} cannot be parsed: give it a version`, { cause, details: { function: name } })
  }
}
