import { VivantError } from '../error/vivant-error.ts'
import type { FunctionDefinition } from './function-definition.ts'

/** The functions whose code this process has, for one connection. Under a name stands one code; unnamed ones are told apart by their hash. */
export class FunctionRegistry {
  readonly #named = new Map<string, FunctionDefinition>()
  readonly #unnamed = new Map<string, FunctionDefinition>()

  /** Adds a function. Adding it again is harmless; another code under its name throws FUNCTION_NAME_TAKEN. */
  register(definition: FunctionDefinition): void {
    const { name, hash } = definition
    if (name === null) {
      this.#unnamed.set(hash, definition)
      return
    }
    const standing = this.#named.get(name)
    if (standing === undefined) {
      this.#named.set(name, definition)
    } else if (standing.hash !== hash) {
      throw new VivantError('FUNCTION_NAME_TAKEN', `two functions with different code are called '${name}': give one of them another name`, {
        details: { function: name, hash, standingHash: standing.hash },
      })
    }
  }

  /** Adds a function in the place of the one that has its name: an act of declaration. */
  replace(definition: FunctionDefinition): void {
    if (definition.name === null) this.#unnamed.set(definition.hash, definition)
    else this.#named.set(definition.name, definition)
  }

  /** The code that a call refers to; undefined when this process has none or another under that name. The name of an unnamed one is ''. */
  find(name: string, hash: string): FunctionDefinition | undefined {
    const definition = name === '' ? this.#unnamed.get(hash) : this.#named.get(name)
    return definition?.hash === hash ? definition : undefined
  }

  /** Whatever code stands under a name. */
  named(name: string): FunctionDefinition | undefined {
    return this.#named.get(name)
  }

  names(): readonly string[] {
    return [...this.#named.keys()]
  }
}
