import { functionOfIterator, iterator, type SchemaOf, t, table, tableDefinition, udf, view } from '@vivant/core'
import { type Database, foldLog, readTable, type SqlClient } from '@vivant/storage'
import { createDeclaredTable } from '../../packages/vivant/src/declare/create-table.ts'
import type { Runtime } from '../../packages/vivant/src/runtime/runtime.ts'
import { createTableHandle } from '../../packages/vivant/src/table/table-impl.ts'
import { findUncovered } from './check-coverage.ts'
import { ClaimWorker } from './claim-worker.ts'
import type { Gate } from './describe-view-trace.ts'
import { FunctionLibrary } from './function-library.ts'
import { describeGuard, type GuardedTrace } from './test-guard.ts'

/** A trace of roll-ups: as `Trace`, over a parent of which `x` rows of a view are made. */
export interface RollUpTrace extends GuardedTrace {
  readonly steps: (world: RollUpWorld) => Promise<void>
}

const rows = iterator({ name: 'trace_rows', input: [t.int()], output: { n: t.int() }, version: '1' }, function* (x) {
  for (let n = 0; n < x; n++) yield { n }
})
const digit = udf({ name: 'trace_digit', input: [t.int()], output: t.int(), version: '1' }, (mark) => mark % 10)

/**
 * The parent has `x`; a row of the view the user's own `mark` and `digit` = mark % 10. Of the rows the parent says `rows` (how many), `marks`
 * (their sum), and `digits` (the sum that a function makes of the list, when all are there).
 */
export class RollUpWorld {
  readonly database: Database
  readonly name: string
  readonly functions = new FunctionLibrary(digit)
  /** The lists that the function over all rows was called with. */
  readonly lists: (readonly number[])[] = []
  /** Where that function waits, if it does. */
  gate: Gate | null = null
  #violation: string | null = null

  private constructor(database: Database, name: string) {
    this.database = database
    this.name = name
    this.functions.addDefinitions(functionOfIterator(rows.definition))
  }

  static async create(runtime: Runtime, name: string): Promise<RollUpWorld> {
    const world = new RollUpWorld(runtime.database, name)
    const parent = table(name, { x: t.int() })
    const made = view(`${name}_rows`, { of: parent, iterate: (row) => rows(row.x) })
    for (const definition of [tableDefinition(parent), tableDefinition(made)]) await createDeclaredTable(runtime, definition)
    const total = udf({ name: `total_${name}`, input: [t.array(t.int())], output: t.int(), version: '1' }, async (digits) => {
      world.lists.push(digits)
      await world.gate?.pass()
      return digits.reduce((sum, value) => sum + value, 0)
    })
    world.functions.add(total)
    const children = await createTableHandle<SchemaOf<typeof made>>(runtime, tableDefinition(made))
      .addColumn('mark', t.int().default(0))
      .addComputedColumn('digit', (row) => digit(row.mark))
    await createTableHandle<SchemaOf<typeof parent>>(runtime, tableDefinition(parent))
      .addComputedColumn('rows', (row) => children.of(row).count())
      .addComputedColumn('marks', (row) => children.of(row).sum((child) => child.mark))
      .addComputedColumn('digits', (row) => total(children.of(row).collect((child) => child.digit)))
    await world.finishAll()
    return world
  }

  violated(what: string): void {
    this.#violation ??= what
  }

  /** A user's statement: `$p` is the parent, `$v` the view. */
  async sql(text: string): Promise<void> {
    await this.database.query(this.#named(text))
  }

  /** Claims what is free of one table, and settles it: of the parent (`expansion`: of its view's rows), or of the view. */
  async work(what: 'parent' | 'expansion' | 'view'): Promise<void> {
    const { rows: tables } = await this.database.query<{ id: number }>({
      text: 'select id from vivant."table" where name = $1',
      values: [what === 'view' ? `${this.name}_rows` : this.name],
    })
    // the others' tasks wait
    const held = await this.database.query<{ id: number }>({
      text: `update vivant.task set run_at = 'infinity' where table_id <> $1 and owner is null and run_at <> 'infinity' returning id`,
      values: [tables[0]!.id],
    })
    await new ClaimWorker(this.database, this.functions, [what === 'expansion' ? 'default/views' : 'default']).settleOne()
    await this.database.query({ text: 'update vivant.task set run_at = now() where id = any($1)', values: [held.rows.map(({ id }) => id)] })
  }

  async finishAll(): Promise<void> {
    await new ClaimWorker(this.database, this.functions, ['default', 'default/views']).settleAll()
  }

  /** Folds the log of a parent's group. */
  async fold(client: SqlClient = this.database): Promise<void> {
    const made = (await readTable(client, { schemaName: 'public', name: `${this.name}_rows` }))!
    await foldLog(client, made, [1])
  }

  async violationAtRest(): Promise<string | null> {
    if (this.#violation) return this.#violation
    const [uncovered] = await findUncovered(this.database)
    if (uncovered) return `I1: ${uncovered.column} is not current and nothing covers it`
    await this.finishAll()
    const { rows: found } = await this.database.query<Readonly<Record<string, number | null>>>(
      this.#named(`select p.rows, p.marks, p.digits, count(v.*)::int as rows_now, sum(v.mark)::int as marks_now, coalesce(sum(v.mark % 10), 0)::int as digits_now
        from live.$p p left join live.$v v on v._parent = p._id group by p._id, p.rows, p.marks, p.digits order by p._id`),
    )
    for (const row of found)
      for (const column of ['rows', 'marks', 'digits'])
        if (row[column] !== row[`${column}_now`]) return `I3: at rest ${column} is ${row[column]}, the reference ${row[`${column}_now`]}`
    return null
  }

  #named(text: string): string {
    return text.replaceAll('$p', this.name).replaceAll('$v', `${this.name}_rows`)
  }
}

/** Runs a trace with its guard, where it must hold, and without it, where the violation must be seen. */
export function describeRollUpTrace(trace: RollUpTrace): void {
  describeGuard(
    trace,
    (runtime, name) => RollUpWorld.create(runtime, name),
    async (world) => {
      await trace.steps(world)
      return world.violationAtRest()
    },
  )
}
