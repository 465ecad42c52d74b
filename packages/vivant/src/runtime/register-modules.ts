import { type FunctionDefinition, functionOfIterator, isDefinition, type IteratorDefinition, tableDefinition } from '@vivant/core'
import type { FunctionRegistry } from '@vivant/core'

/** A module that defines functions: `import * as pipeline from './pipeline.ts'`, or an object of functions. */
export type FunctionModule = { readonly [name: string]: unknown }

/** Makes the functions of modules known: of their exports, of objects of functions among them, of embedding models and of definitions. Throws FUNCTION_NAME_TAKEN. */
export function registerModules(registry: FunctionRegistry, modules: readonly FunctionModule[]): void {
  for (const module of modules) for (const definition of functionsIn(module, 1)) registry.register(definition)
}

function functionsIn(value: unknown, depth: number): readonly FunctionDefinition[] {
  if (isDefinition(value)) {
    const { computed, embeddingIndexes, view } = tableDefinition(value)
    return [
      ...(view?.functions ?? []),
      ...computed.flatMap((column) => column.functions),
      ...embeddingIndexes.flatMap(({ model }) => [model.embed, model.embedQuery]),
    ]
  }
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return []
  const { definition } = value as { readonly definition?: unknown }
  if (isFunction(definition)) return [definition]
  if (isIterator(definition)) return [functionOfIterator(definition)]
  if (typeof definition === 'object' && definition !== null && 'embed' in definition && 'embedQuery' in definition) {
    return [definition.embed, definition.embedQuery].filter(isFunction)
  }
  return typeof value === 'object' && depth >= 0 ? Object.values(value).flatMap((part) => functionsIn(part, depth - 1)) : []
}

function isIterator(definition: unknown): definition is IteratorDefinition {
  return typeof definition === 'object' && definition !== null && 'code' in definition && 'hash' in definition && 'columns' in definition
}

function isFunction(definition: unknown): definition is FunctionDefinition {
  return (
    typeof definition === 'object' && definition !== null && 'code' in definition && 'hash' in definition && 'inputs' in definition && 'output' in definition
  )
}
