import { VivantError } from '../error/vivant-error.ts'
import type { Resource } from './function-definition.ts'

export interface ResourceOptions<R> extends Pick<Resource<R>, 'name' | 'create'> {
  readonly dispose?: (value: R) => void | Promise<void>
  /** One for the worker (default), or one for each of its threads. */
  readonly scope?: 'worker' | 'thread'
}

/**
 * Something expensive that the calls of functions share: a model, a connection. A function gets it with `context.use(resource)`.
 *
 * ```ts
 * const model = resource({ name: 'model', create: () => load('./model.onnx'), dispose: (model) => model.release() })
 * ```
 */
export function resource<R>(options: ResourceOptions<R>): Resource<R> {
  if (options.name === '') throw new VivantError('NAME_INVALID', 'a resource needs a name')
  const self: Resource<R> = Object.freeze({
    scope: 'worker',
    ...options,
    with: (value: R) => Object.freeze({ resource: self, value }),
  })
  return self
}
