import {
  describeValue,
  type Expression,
  expressionFunctions,
  expressionNode,
  type ExpressionNode,
  type FunctionDefinition,
  isExpression,
  VivantError,
} from '@vivant/core'

/** What a query gives, as a tree: its leaves are the outputs of the statement, in order. */
export interface ParsedSelection {
  readonly nodes: readonly ExpressionNode[]
  /** The functions that they call. */
  readonly functions: ReadonlySet<FunctionDefinition>
  /** Makes a result of a row's values, which are those of the nodes. */
  readonly build: (values: readonly unknown[]) => unknown
}

type Build = (values: readonly unknown[]) => unknown

const maxDepth = 20

/** Reads what the callback of `select`, or of another clause, returned. TYPE_MISMATCH for anything but expressions in objects. */
export function parseSelection(selection: unknown, clause: string = 'select()'): ParsedSelection {
  const nodes: ExpressionNode[] = []
  const functions = new Set<FunctionDefinition>()
  const parse = (value: unknown, path: readonly string[]): Build => {
    if (isExpression(value)) {
      for (const definition of expressionFunctions(value)) functions.add(definition)
      const index = nodes.push(expressionNode(value)) - 1
      return (values) => values[index]
    }
    if (!isPlainObject(value) || path.length > maxDepth) throw notSelectable(value, path, clause)
    const fields = Object.entries(value).map(([name, field]) => [name, parse(field, [...path, name])] as const)
    return (values) => Object.fromEntries(fields.map(([name, build]) => [name, build(values)]))
  }
  if (isExpression(selection)) throw notSelectable(selection, [], clause)
  const build = parse(selection, [])
  return { nodes, functions, build }
}

/** The selection of columns by name: of a query without `select`. */
export function columnSelection(columns: readonly { readonly name: string; readonly expression: Expression }[]): ParsedSelection {
  return parseSelection(Object.fromEntries(columns.map(({ name, expression }) => [name, expression])))
}

function notSelectable(value: unknown, path: readonly string[], clause: string): VivantError {
  const place = path.length === 0 ? clause : `${clause}: ${path.join('.')}`
  const given = isExpression(value)
    ? 'one expression'
    : Array.isArray(value)
      ? 'an array'
      : path.length > maxDepth
        ? 'an object nested too deeply'
        : describeValue(value)
  return new VivantError('TYPE_MISMATCH', `${place} takes expressions by name, such as { title: row.title }, not ${given}; make a constant with lit(value).`)
}

/** Of objects with a class of their own, such as a column of a group, there is nothing to select by name. */
function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}
