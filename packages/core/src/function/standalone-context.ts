import type { FunctionContext, FunctionLog, Resource } from './function-definition.ts'

const silent: FunctionLog = Object.freeze({ debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined })
const signal = new AbortController().signal
const secrets: Readonly<Record<string, string>> = Object.freeze({})
const created = new WeakMap<object, Promise<unknown>>()

/** The context of a call outside any table: no row, no secrets, a silent log; a resource is created once a process and never disposed. */
export const standaloneContext: FunctionContext = Object.freeze({
  signal,
  attempt: 1,
  log: silent,
  secrets,
  id: null,
  ids: Object.freeze([]),
  idempotencyKey: 'standalone',
  idempotencyKeys: Object.freeze(['standalone']),
  use: <R>(resource: Resource<R>): Promise<R> => {
    const standing = created.get(resource) as Promise<R> | undefined
    if (standing !== undefined) return standing
    const creation = Promise.resolve().then(() => resource.create({ secrets, signal }))
    created.set(resource, creation)
    // One that failed is tried again by the next call.
    creation.catch(() => created.delete(resource))
    return creation
  },
})
