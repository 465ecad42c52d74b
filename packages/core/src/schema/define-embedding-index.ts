import { VivantError } from '../error/vivant-error.ts'
import { columnNotFound } from '../expression/column-not-found.ts'
import { describeType } from '../value/describe-type.ts'
import { isCompatibleType } from '../value/same-type.ts'
import type { EmbeddingIndexOptions } from './definition.ts'
import type { EmbeddingModel } from './embedding-model.ts'
import { rowColumns } from './row-of.ts'
import type { EmbeddingIndexDefinition, TableDefinition } from './table-definition.ts'
import { validateName } from './validate-name.ts'

/** An embedding index of a table as the catalog has it. Throws COLUMN_NOT_FOUND, TYPE_MISMATCH, NAME_INVALID, NAME_TAKEN and FUNCTION_UNNAMED. */
export function defineEmbeddingIndex(
  table: TableDefinition,
  column: string,
  { definition: model }: EmbeddingModel,
  { name = column, metric = 'cosine' }: EmbeddingIndexOptions = {},
): EmbeddingIndexDefinition {
  const columns = rowColumns(table)
  const found = columns.find((candidate) => candidate.name === column)
  if (found === undefined)
    throw columnNotFound(
      column,
      columns.map((known) => known.name),
      { table: table.name },
    )
  const wanted = model.embed.inputs[0]?.type
  if (wanted === undefined || !isCompatibleType(found.type, wanted)) {
    const embedded = wanted === undefined ? 'nothing' : describeType(wanted)
    throw new VivantError('TYPE_MISMATCH', `the model '${model.name}' embeds ${embedded}, but the column '${column}' is ${describeType(found.type)}`)
  }
  if (model.embed.name === null || model.embedQuery.name === null) {
    throw new VivantError('FUNCTION_UNNAMED', `the model '${model.name}' has a function without a name: give it one, as workers find the code by it`)
  }
  validateName(name, 'index')
  if (table.embeddingIndexes.some((index) => index.name === name)) {
    throw new VivantError('NAME_TAKEN', `'${table.name}' already has an embedding index '${name}': give this one another name`)
  }
  return Object.freeze({ column, name, metric, model })
}
