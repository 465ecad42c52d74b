import { columnDefinition } from '../column/column-definition.ts'
import { VivantError } from '../error/vivant-error.ts'
import { columnNotFound } from '../expression/column-not-found.ts'
import type { Definition } from './definition.ts'
import { DefinitionImpl } from './definition-impl.ts'
import type { AllowedColumns, Columns, TableSchema } from './schema.ts'
import type { StoredColumnDefinition, TableConstraints } from './table-definition.ts'
import { validateName } from './validate-name.ts'

/** What holds for several columns together; a single column says it in its type. */
export interface TableOptions<C> {
  readonly primaryKey?: readonly (keyof C & string)[]
  readonly unique?: readonly (readonly (keyof C & string)[])[]
  readonly index?: readonly (readonly (keyof C & string)[])[]
  readonly description?: string
}

/**
 * Describes a table; nothing happens until a database is given the definition. Throws NAME_INVALID, COLUMN_NOT_FOUND and
 * CONFIGURATION_INVALID.
 *
 * ```ts
 * export const posts = table('posts', { slug: t.text().unique(), body: t.text() }, { index: [['slug', 'body']] })
 *   .computed('words', (post) => wordCount(post.body))
 * ```
 */
export function table<const Name extends string, C extends Columns>(
  name: Name,
  columns: C & AllowedColumns<C>,
  options: TableOptions<NoInfer<C>> = {},
): Definition<TableSchema<Name, C>> {
  validateName(name, 'table')
  const stored = Object.entries(columns).map(([column, builder]) => columnDefinition(validateName(column, 'column'), builder))
  return new DefinitionImpl({
    name,
    description: options.description ?? null,
    columns: Object.freeze(stored),
    constraints: constraintsOf(name, stored, options as TableOptions<Columns>),
    computed: [],
    embeddingIndexes: [],
    view: null,
  }) as unknown as Definition<TableSchema<Name, C>>
}

function constraintsOf(name: string, stored: readonly StoredColumnDefinition[], options: TableOptions<Columns>): TableConstraints {
  const { primaryKey = null, unique = [], index = [] } = options
  const known = stored.map((column) => column.name)
  for (const group of [...(primaryKey === null ? [] : [primaryKey]), ...unique, ...index]) {
    const missing = group.find((column) => !known.includes(column))
    if (missing !== undefined) throw columnNotFound(missing, known, { table: name })
    if (group.length === 0) throw new VivantError('CONFIGURATION_INVALID', `a constraint of '${name}' names no column`)
  }
  const keys = stored.filter((column) => column.primaryKey).length + (primaryKey === null ? 0 : 1)
  if (keys > 1) throw new VivantError('CONFIGURATION_INVALID', `'${name}' has several primary keys: for one over several columns use { primaryKey: [ … ] }`)
  return Object.freeze({ primaryKey, unique, indexes: index })
}
