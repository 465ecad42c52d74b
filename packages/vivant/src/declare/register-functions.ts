import { type FunctionDefinition, VivantError, walkNodes } from '@vivant/core'
import { readTables } from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'

/** A column that is being declared: its code may change. */
export interface ColumnName {
  readonly table: string
  readonly column: string
}

/**
 * Makes the code of functions known to this connection and its worker. A name has one code: another one takes its place only where no
 * column but those being declared uses the one that stands. Throws FUNCTION_NAME_TAKEN.
 */
export async function registerFunctions(runtime: Runtime, functions: readonly FunctionDefinition[], declared: readonly ColumnName[]): Promise<void> {
  const wanted = byName(functions)
  const replaced = [...wanted.values()].filter((definition) => {
    const standing = runtime.registry.named(definition.name!)
    return standing !== undefined && standing.hash !== definition.hash
  })
  if (replaced.length > 0) await checkUnused(runtime, replaced, declared)
  const isChanged = [...wanted.values()].some((definition) => runtime.registry.find(definition.name!, definition.hash) === undefined)
  for (const definition of wanted.values()) runtime.registry.replace(definition)
  if (isChanged) await runtime.worker?.functionsChanged()
}

function byName(functions: readonly FunctionDefinition[]): ReadonlyMap<string, FunctionDefinition> {
  const found = new Map<string, FunctionDefinition>()
  for (const definition of functions) {
    const { name, hash } = definition
    if (name === null) continue
    if ((found.get(name)?.hash ?? hash) !== hash) throw nameTaken(name, 'two functions of this declaration have different code')
    found.set(name, definition)
  }
  return found
}

async function checkUnused(runtime: Runtime, replaced: readonly FunctionDefinition[], declared: readonly ColumnName[]): Promise<void> {
  for (const model of await readTables(runtime.database, runtime.schemaName))
    for (const cell of model.cells) {
      if (declared.some(({ table, column }) => table === model.name && column === cell.name)) continue
      const nodes = [cell.declared, ...(cell.declaredCondition ? [cell.declaredCondition] : [])].flatMap((expression) => [...walkNodes(expression)])
      for (const node of nodes) {
        if (node.node !== 'call') continue
        const { name, hash } = node.function
        const isTaken = replaced.some((definition) => definition.name === name) && runtime.registry.find(name, hash) !== undefined
        if (isTaken) throw nameTaken(name, `other code of that name computes '${model.name}.${cell.name}'`)
      }
    }
}

function nameTaken(name: string, reason: string): VivantError {
  return new VivantError('FUNCTION_NAME_TAKEN', `the function name '${name}' is taken: ${reason}; give one of them another name`, {
    details: { function: name },
  })
}
