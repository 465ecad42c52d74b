import {
  columnNotFound,
  containsMedia,
  describeValue,
  type ExpressionNode,
  isExpression,
  isVivantError,
  type MediaKind,
  parseOperand,
  replaceMedia,
  type StoredColumnDefinition,
  validateColumnValue,
  VivantError,
} from '@vivant/core'
import {
  type Assignment,
  compileDelete,
  compileUpdate,
  type CompiledStatement,
  type QueryPlace,
  type QuerySources,
  runWrite,
  throwIfAborted,
  type TableModel,
} from '@vivant/storage'
import type { MediaService } from '../runtime/media-service.ts'
import type { ChangeResult } from './query.ts'
import type { QueryScope } from './table-query-impl.ts'

/** Changes the rows that the conditions leave. See `TableQuery.update`. */
export async function updateRows(
  scope: QueryScope,
  place: QueryPlace,
  where: readonly ExpressionNode[],
  change: unknown,
  sources: QuerySources,
): Promise<ChangeResult> {
  const { table, runtime, client } = scope
  const media = client ? runtime.media.on(client) : runtime.media
  if (typeof change !== 'object' || change === null || Array.isArray(change) || isExpression(change)) {
    throw new VivantError('ROW_INVALID', `update() of '${table.name}' takes columns with their values, such as { title: 'x' }, not ${describeValue(change)}.`)
  }
  const given = Object.entries(change).filter(([, value]) => value !== undefined)
  if (given.length === 0) throw new VivantError('ROW_INVALID', `update() of '${table.name}' names no column to change.`, { details: { table: table.name } })
  const columns = given.map(([name, value]) => [writableColumn(scope, sources[0].model, name), value] as const)
  const assignments: Assignment[] = []
  for (const [{ definition, column }, value] of columns) assignments.push({ column, value: await assignedValue(definition, value, media, place.signal) })
  return write(scope, place, compileUpdate(where, assignments, sources), sources)
}

/** Deletes the rows that the conditions leave. */
export async function deleteRows(scope: QueryScope, place: QueryPlace, where: readonly ExpressionNode[], sources: QuerySources): Promise<ChangeResult> {
  return write(scope, place, compileDelete(where, sources), sources)
}

/** A write is not cancelled half-way: a signal that comes later than the statement comes too late. */
async function write({ runtime, client }: QueryScope, { signal }: QueryPlace, statement: CompiledStatement, sources: QuerySources): Promise<ChangeResult> {
  throwIfAborted(signal)
  const count = await runWrite(client ?? runtime.database, statement, sources)
  if (count > 0 && !client) runtime.wake()
  return { count }
}

interface WritableColumn {
  readonly definition: StoredColumnDefinition
  readonly column: Assignment['column']
}

/** The stored column of this name. NOT_WRITABLE for a computed one and the id, COLUMN_NOT_FOUND for no column. */
function writableColumn({ table }: QueryScope, model: TableModel, name: string): WritableColumn {
  const definition = table.columns.find((column) => column.name === name)
  const column = model.stored.find((stored) => stored.name === name)
  if (definition && column) return { definition, column }
  const isComputed = table.computed.some((computed) => computed.name === name)
  if (isComputed || name === '_id') {
    const reason = isComputed ? `'${name}' is computed: Vivant writes it, an update cannot` : `'_id' is the row's identity, which does not change`
    throw new VivantError('NOT_WRITABLE', `${reason}.`, { details: { table: table.name, column: name } })
  }
  const known = table.columns.map((stored) => stored.name)
  throw columnNotFound(name, known, { table: table.name })
}

async function assignedValue(
  definition: StoredColumnDefinition,
  value: unknown,
  media: MediaService,
  signal: AbortSignal | undefined,
): Promise<Assignment['value']> {
  const { name, type, nullable } = definition
  if (isExpression(value)) return { node: parseOperand(value, type, `update() of '${name}'`).node }
  if (value === null) {
    if (nullable) return { constant: null }
    throw new VivantError('VALUE_INVALID', `${name}: is null, and the column is not nullable`, { details: { path: name } })
  }
  return { constant: validateColumnValue(await takeIn(definition, value, media, signal), definition, name) }
}

/** A value with its media taken into the store, and their references in their place. */
async function takeIn({ name, type }: StoredColumnDefinition, value: unknown, media: MediaService, signal: AbortSignal | undefined): Promise<unknown> {
  if (!containsMedia(type)) return value
  const found: { readonly medium: unknown; readonly kind: MediaKind }[] = []
  replaceMedia(type, value, (medium, kind) => {
    if (medium !== null && medium !== undefined) found.push({ medium, kind })
    return medium
  })
  const references = await Promise.all(found.map(({ medium, kind }) => media.ingest(medium, kind, signal))).catch((error: unknown) => {
    if (!isVivantError(error) || !error.code.startsWith('MEDIA_')) throw error
    throw new VivantError(error.code, `${name}: ${error.message}`, { cause: error, details: { ...error.details, column: name } })
  })
  let next = 0
  return replaceMedia(type, value, (medium) => (medium === null || medium === undefined ? medium : references[next++]))
}
