import type { SqlClient } from '../connection/sql-client.ts'
import { buildModel } from './build-model.ts'
import type { CatalogColumn, CatalogTable } from './catalog-rows.ts'
import { type CellColumn, holderOf, type RollUpReader, type TableModel, type ViewReader } from './table-model.ts'

export interface TableName {
  readonly schemaName: string
  readonly name: string
}

interface CatalogAnswer {
  readonly entry: CatalogTable
  readonly columns: readonly CatalogColumn[] | null
}

/** `family`: a table, its parents up to the first, and all of their views. */
function familyOf(condition: string): string {
  return `with recursive up as (
  select id, expansion_id from vivant."table" where ${condition}
  union select p.id, p.expansion_id from up join vivant."column" e on e.id = up.expansion_id join vivant."table" p on p.id = e.table_id
), family as (
  select id from up
  union select v.id from family join vivant."column" e on e.table_id = family.id join vivant."table" v on v.expansion_id = e.id
)`
}

/** `family` of the table whose id is the first parameter. */
export const familyQuery: string = familyOf('id = $1')

/** Reads a table's whole entry, with those of its ancestors and views, in one snapshot; null when there is none. */
export async function readTable(client: SqlClient, which: number | TableName): Promise<TableModel | null> {
  const byId = typeof which === 'number'
  const { rows } = await client.query<CatalogAnswer>({
    name: byId ? 'vivant_table_by_id' : 'vivant_table_by_name',
    text: `${familyOf(byId ? 'id = $1' : 'schema_name = $1 and name = $2')}
${catalogQuery} where t.id in (select id from family)`,
    values: byId ? [which] : [which.schemaName, which.name],
  })
  const models = modelsOf(rows)
  return models.find((model) => (byId ? model.id === which : model.name === which.name && model.schemaName === which.schemaName)) ?? null
}

export async function readTables(client: SqlClient, schemaName?: string): Promise<readonly TableModel[]> {
  const { rows } = await client.query<CatalogAnswer>({
    text: `${catalogQuery} where $1::text is null or t.schema_name = $1 order by t.id`,
    values: [schemaName ?? null],
  })
  return modelsOf(rows)
}

/** Each table with what its views read of it, and with what its parent reads of its rows. */
function modelsOf(answers: readonly CatalogAnswer[]): readonly TableModel[] {
  const family = new Map<number, TableModel>()
  let built = buildAll(answers, [], family)
  // a column that reads the rows of a view is worked out when the view is, which is after its parent
  if (built.some(({ cells }) => cells.some(({ rollUps }) => rollUps.length > 0))) built = buildAll(answers, built, family)
  for (const model of built) family.set(model.id, { ...model, readers: readersBelow(built, model.id, []), rolledUp: rollUpReaders(built, model.id) })
  return answers.map(({ entry }) => family.get(entry.id)!)
}

/** Each table after its parent. */
function buildAll(answers: readonly CatalogAnswer[], known: readonly TableModel[], family: ReadonlyMap<number, TableModel>): readonly TableModel[] {
  const built = new Map<number, TableModel>()
  const build = (answer: CatalogAnswer): TableModel => {
    const done = built.get(answer.entry.id)
    if (done) return done
    const above = answers.find(({ entry }) => entry.id === answer.entry.view?.parentId)
    const views = known.filter(({ view }) => view?.parentId === answer.entry.id)
    const model = buildModel(answer.entry, answer.columns ?? [], { parent: above ? build(above) : null, views, family })
    built.set(model.id, model)
    return model
  }
  for (const answer of answers) build(answer)
  return [...built.values()]
}

function rollUpReaders(models: readonly TableModel[], viewId: number): readonly RollUpReader[] {
  return models.flatMap(({ cells }) => rollUpsAmong(cells, viewId))
}

/** What some columns, which need not be those of a table yet, read of the rows of a view. */
export function rollUpsAmong(columns: readonly CellColumn[], viewId: number): readonly RollUpReader[] {
  return columns.flatMap((column) => column.rollUps.flatMap((rollUp) => (rollUp.viewId === viewId ? [{ column, rollUp }] : [])))
}

/** What views of a table read of it, through all levels. `path` are the views on the way down. */
function readersBelow(models: readonly TableModel[], id: number, path: readonly TableModel[]): readonly ViewReader[] {
  const below = path.at(-1)?.id ?? id
  return models
    .filter((model) => model.view?.parentId === below)
    .flatMap((view) => {
      const down = [...path, view]
      return [...readersOfPath(down, view.cells), ...readersBelow(models, id, down)]
    })
}

/** What some columns of a view, which need not be its columns yet, read of a table above it. */
export function readersAmong(view: TableModel, columns: readonly CellColumn[], above: number): readonly ViewReader[] {
  const path: TableModel[] = []
  for (let model: TableModel | undefined = view; model && model.id !== above; model = model.view?.parent) path.unshift(model)
  return path[0]?.view?.parentId === above ? readersOfPath(path, columns) : []
}

function readersOfPath(path: readonly TableModel[], columns: readonly CellColumn[]): readonly ViewReader[] {
  const view = path.at(-1)!
  return columns.flatMap((column): readonly ViewReader[] => {
    const stored = column.inheritedInputs.flatMap(({ level, attnum }) => (level === path.length ? [attnum] : []))
    const cells = column.cellInputs.filter((input) => holderOf(view, input).level === path.length)
    return stored.length + cells.length ? [{ path, column, stored, cells }] : []
  })
}

const catalogQuery = `select jsonb_build_object('id', t.id, 'schemaName', t.schema_name, 'liveSchema', (select value from vivant.setting where key = 'live_schema'),
    'name', t.name, 'relation', t.relation::bigint, 'idColumn', t.id_column, 'idAttnum', t.id_attnum, 'schemaVersion', t.schema_version,
    'view', (select jsonb_build_object('parentId', e.table_id, 'expansionId', e.id, 'expansionTable', e.cell_table) from vivant."column" e where e.id = t.expansion_id)) as entry,
  (select jsonb_agg(jsonb_build_object('id', c.id, 'name', c.name, 'kind', c.kind, 'attnum', c.attnum, 'type', c.type, 'nullable', c.nullable,
      'expression', c.expression, 'condition', c.condition, 'pool', c.pool, 'version', c.version, 'state', c.state, 'codeHash', c.code_hash,
      'codeHashes', c.code_hashes, 'options', c.options, 'cellTable', c.cell_table, 'position', c.position) order by c.position, c.id)
    from vivant."column" c where c.table_id = t.id) as columns
from vivant."table" t`
