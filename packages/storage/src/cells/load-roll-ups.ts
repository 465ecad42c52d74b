import type { RollUpNode } from '@vivant/core'
import { type CellColumn, logTable, type RollUp, rolledUpView, type TableModel } from '../catalog/table-model.ts'
import type { SqlClient } from '../connection/sql-client.ts'
import { quoteName } from '../ddl/quote.ts'
import { logReads, logSum } from '../roll-up/log.ts'
import { failedText, isList, maxListRows, rollUpText, waitsText } from '../roll-up/roll-up-text.ts'
import { valueDecoder } from '../value/decode-value.ts'
import type { FailedChild, LoadedRollUps } from './cell-batch.ts'

/** What the load of a column asks of the rows of views: in the same snapshot as their log (rule 20). */
export interface PlannedRollUps {
  readonly column: CellColumn
  readonly model: TableModel
  readonly joins: string
  readonly selected: readonly string[]
}

export type ReadColumn = <T>(read: (value: unknown) => T) => T[]

const row = 't'
const id = 'k._id'

export function planRollUps(model: TableModel, columns: readonly CellColumn[]): readonly PlannedRollUps[] {
  return columns.filter(({ rollUps }) => rollUps.length > 0).map((column, index) => planColumn(model, column, `u${index}`))
}

function planColumn(model: TableModel, column: CellColumn, alias: string): PlannedRollUps {
  const { rollUps } = column
  const waits = rollUps.filter(({ node }) => node.wait === 'all').map((rollUp) => waitsText(model, rollUp, id, row))
  const failed = rollUps.map((rollUp) => failedText(model, rollUp, id, row))
  const count = logReads(column).map(({ viewId }) => `(select count(*) from vivant_data.${logTable(viewId)} l where l._id = ${id})`)
  const state = [
    `${waits.length ? waits.join(' or ') : 'false'} as waits`,
    ...failed.map((text, at) => `${text} as f${at}`),
    `${logSum(column, id)} as sum`,
    `${count.join(' + ') || '0'} as logged`,
    `${tooLong(model, rollUps)} as too_long`,
  ]
  // a scalar is only worked out where it is wanted
  const values = rollUps.map((rollUp, at) => `case when not (${alias}.waits or ${alias}.too_long) then ${rollUpText(model, rollUp, id, row)} end as v${at}`)
  return {
    column,
    model,
    joins: `left join lateral (select ${state.join(', ')} offset 0) ${alias} on true
left join lateral (select ${values.join(', ')} offset 0) ${alias}v on true`,
    selected: [
      ...[`waits`, `sum`, `logged`, `too_long`, ...rollUps.map((_, at) => `f${at}`)].map((name) => `${alias}.${name}`),
      ...rollUps.map((_, at) => `${alias}v.v${at}`),
    ],
  }
}

function tooLong(model: TableModel, rollUps: readonly RollUp[]): string {
  const counts = [...new Set(rollUps.filter(isList).map((rollUp) => rolledUpView(model, rollUp).view!.expansionTable))].map(
    (table) => `coalesce((select e.value > ${maxListRows} from vivant_data.${quoteName(table)} e where e._id = ${id}), false)`,
  )
  return counts.join(' or ') || 'false'
}

/** About how many values the lists of one load may have together. */
const loadedListRows = maxListRows

/**
 * How many of some rows can be loaded together: as many as their lists, of which nobody knows beforehand how long they are, leave room for.
 * At least one.
 */
export async function rowsWithinLists(
  client: SqlClient,
  { rollUps }: { readonly rollUps: readonly PlannedRollUps[] },
  ids: readonly number[],
): Promise<number> {
  const views = [
    ...new Set(rollUps.flatMap(({ model, column }) => column.rollUps.filter(isList).map((rollUp) => rolledUpView(model, rollUp).view!.expansionTable))),
  ]
  if (views.length === 0) return ids.length
  const lengths = views.map((table) => `coalesce((select least(e.value, ${maxListRows}) from vivant_data.${quoteName(table)} e where e._id = k.id), 0)`)
  const { rows } = await client.queryArrays({
    text: `select count(*) from (select sum(${lengths.join(' + ')}) over (order by k.id) as total from unnest($1::bigint[]) k(id)) s where total <= ${loadedListRows}`,
    values: [`{${ids.join(',')}}`],
  })
  return Math.max(1, Number(rows[0]![0]))
}

/** What was asked for, by column; the sums of the logs go to the columns' revisions. */
export function readRollUps(read: ReadColumn, planned: readonly PlannedRollUps[], revisions: Map<number, readonly number[]>): Map<number, LoadedRollUps> {
  return new Map(
    planned.map(({ column, model }) => {
      const waits = read((value) => value === true)
      const sums = read(Number)
      const logged = read(Number)
      const isTooLong = read((value) => value === true)
      const failed = column.rollUps.map((rollUp) => read((value) => failedChild(rolledUpView(model, rollUp).name, value as string | null)))
      const values = new Map<RollUpNode, readonly unknown[]>(column.rollUps.map(({ node }) => [node, read(valueDecoder(node.type))]))
      revisions.set(
        column.id,
        revisions.get(column.id)!.map((sum, at) => sum + sums[at]!),
      )
      const firstFailed = waits.map((_, at) => failed.map((list) => list[at] ?? null).find((child) => child !== null) ?? null)
      return [column.id, { values, waits, failed: firstFailed, tooLong: isTooLong, logged }] as const
    }),
  )
}

function failedChild(view: string, text: string | null): FailedChild | null {
  if (text === null) return null
  const at = text.indexOf(':')
  return { view, id: Number(text.slice(0, at)), column: text.slice(at + 1) }
}
