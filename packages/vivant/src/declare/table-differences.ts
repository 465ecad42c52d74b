import { describeNode, describeType, type StoredColumnDefinition, stableJson, type TableConstraints, type TableDefinition } from '@vivant/core'
import type { StorableDefinition } from '@vivant/storage'

type Column = Omit<StoredColumnDefinition, 'validate'>

/** How a declared table differs from the one that stands, for people: `'year' is int, declared is text`. Empty when it does not. */
export function tableDifferences(was: StorableDefinition, is: TableDefinition): readonly string[] {
  const names = [...new Set([...was.columns, ...is.columns].map((column) => column.name))]
  const columns = names.flatMap((name) => columnDifference(name, columnOf(was, name), columnOf(is, name)))
  return [...columns, ...constraintDifferences(was.constraints, is.constraints)]
}

/** A column as it would be written with `t`: `text nullable unique default "x"`. */
export function describeColumn(column: Column): string {
  const { references, defaultValue } = column
  return [
    describeType(column.type),
    column.nullable && 'nullable',
    column.primaryKey && 'primary key',
    column.unique && !column.primaryKey && 'unique',
    defaultValue !== undefined && `default ${JSON.stringify(defaultValue)}`,
    column.min !== null && `min ${column.min}`,
    column.max !== null && `max ${column.max}`,
    column.check && `check ${describeNode(column.check)}`,
    references && `references ${references.table}.${references.column}${references.onDelete === 'noAction' ? '' : ` on delete ${references.onDelete}`}`,
  ]
    .filter(Boolean)
    .join(' ')
}

/** Whether two columns are the same but for what is said about them. */
export function isSameColumn(a: Column, b: Column): boolean {
  const rules = ({ description: _, validate: _validate, ...rest }: StoredColumnDefinition): unknown => rest
  return stableJson(rules(a)) === stableJson(rules(b))
}

function columnOf(definition: { readonly columns: readonly Column[] }, name: string): Column | undefined {
  return definition.columns.find((column) => column.name === name)
}

function columnDifference(name: string, was: Column | undefined, is: Column | undefined): readonly string[] {
  if (was === undefined) return is ? [`'${name}' is declared and not there`] : []
  if (is === undefined) return [`'${name}' (${describeColumn(was)}) is there and not declared`]
  return isSameColumn(was, is) ? [] : [`'${name}' is ${describeColumn(was)}, declared is ${describeColumn(is)}`]
}

function constraintDifferences(was: TableConstraints, is: TableConstraints): readonly string[] {
  const parts = ['primaryKey', 'unique', 'indexes'] as const
  return parts.flatMap((part) => {
    const [before, now] = [JSON.stringify(was[part]), JSON.stringify(is[part])]
    return before === now ? [] : [`${part} is ${before}, declared is ${now}`]
  })
}
