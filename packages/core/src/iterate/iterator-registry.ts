import { CodeRegistry } from '../function/code-registry.ts'
import { eachDefinition } from './each-definition.ts'
import type { IterateNode } from './iterate-node.ts'
import type { IteratorDefinition } from './iterator-definition.ts'

/** The iterators whose code this process has, for one connection. */
export class IteratorRegistry extends CodeRegistry<IteratorDefinition> {
  /** The code of a view; undefined when this process has none. `each` is always there. */
  codeOf({ iterator, operands }: IterateNode): IteratorDefinition | undefined {
    const [list] = operands
    const each = list === undefined ? undefined : eachDefinition(list.type)
    return each?.name === iterator.name && each.hash === iterator.hash ? each : this.find(iterator.name, iterator.hash)
  }
}
