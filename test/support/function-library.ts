import type { FunctionDefinition, FunctionLog, HasFunction } from '@vivant/core'
import { type EngineContext, type FunctionEnvironment, type FunctionSource, LockedRows, Slots } from '@vivant/engine'

/** Functions that a test's workers can run, found by name and hash as everywhere. */
export class FunctionLibrary implements FunctionSource {
  readonly #definitions = new Map<string, FunctionDefinition>()

  constructor(...functions: readonly HasFunction[]) {
    this.add(...functions)
  }

  add(...functions: readonly HasFunction[]): void {
    this.addDefinitions(...functions.map(({ definition }) => definition))
  }

  addDefinitions(...definitions: readonly FunctionDefinition[]): void {
    for (const definition of definitions) this.#definitions.set(`${definition.name}@${definition.hash}`, definition)
  }

  find(reference: { readonly name: string; readonly hash: string }): FunctionDefinition | undefined {
    return this.#definitions.get(`${reference.name}@${reference.hash}`)
  }

  list(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#definitions.values()].map((definition) => [definition.name!, definition.hash]))
  }
}

/** Keeps what a worker says, so that a test can look at it. */
export class MemoryLog implements FunctionLog {
  readonly errors: string[] = []
  debug(): void {}
  info(): void {}
  warn(): void {}
  error(message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.errors.push(`${message} ${JSON.stringify(fields ?? {})}`)
  }
}

/** No media, no resources, no secrets. */
export function plainEnvironment(log: FunctionLog): FunctionEnvironment {
  const slots = new Slots(16)
  const refuse = (): never => {
    throw new Error('the functions of these tests use neither media nor resources')
  }
  const media = { handle: refuse, ingest: refuse, metadata: async () => new Map(), batch: () => ({ ...media, startMs: 0, [Symbol.dispose]: () => {} }) }
  return {
    log,
    secrets: {},
    media,
    use: refuse,
    slotsOf: () => slots,
  }
}

export type ContextParts = Pick<EngineContext, 'database' | 'functions' | 'owner'>

export function engineContext(parts: ContextParts, log: FunctionLog = new MemoryLog()): EngineContext {
  return { ...parts, log, environment: plainEnvironment(log), lockedRows: new LockedRows() }
}
