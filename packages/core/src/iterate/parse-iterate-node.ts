import { VivantError } from '../error/vivant-error.ts'
import { parseNode } from '../expression/tree/parse-node.ts'
import { parseDataType } from '../value/parse-data-type.ts'
import { plainEntries } from '../value/plain-object.ts'
import { type IterateNode, iterateNode } from './iterate-node.ts'

/** An iteration from its JSON (already parsed, `stableJson` of the node), as the catalog has it. Throws EXPRESSION_INVALID, naming the place. */
export function parseIterateNode(json: unknown, path: string = 'iteration'): IterateNode {
  const fields = new Map(plainEntries(json) ?? invalid(path, 'is not an object'))
  if (fields.get('node') !== 'iterate') return invalid(path, 'is no iteration')
  const iterator = new Map(plainEntries(fields.get('iterator')) ?? invalid(path, 'has no iterator'))
  const columns = listAt(fields.get('columns'), `${path}.columns`).map((column, index) => {
    const place = `${path}.columns[${index}]`
    const parts = new Map(plainEntries(column) ?? invalid(place, 'is not an object'))
    return {
      name: textAt(parts.get('name'), `${place}.name`),
      type: parseDataType(parts.get('type'), `${place}.type`),
      nullable: parts.get('nullable') === true,
    }
  })
  return iterateNode(
    { name: textAt(iterator.get('name'), `${path}.iterator.name`), hash: textAt(iterator.get('hash'), `${path}.iterator.hash`) },
    listAt(fields.get('operands'), `${path}.operands`).map((operand, index) => parseNode(operand, `${path}.operands[${index}]`)),
    columns,
  )
}

function listAt(json: unknown, path: string): readonly unknown[] {
  return Array.isArray(json) ? json : invalid(path, 'is not an array')
}

function textAt(json: unknown, path: string): string {
  return typeof json === 'string' ? json : invalid(path, 'is not a text')
}

function invalid(path: string, reason: string): never {
  throw new VivantError('EXPRESSION_INVALID', `${path}: ${reason}`, { details: { path } })
}
