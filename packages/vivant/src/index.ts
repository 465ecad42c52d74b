export { connect, type ConnectOptions, type ResourceValue } from './connect.ts'
export type { AdoptedTable, AdoptionPlan, AdoptOptions } from './adopt/adopt-options.ts'
export type { AllowedNames, Database, DatabaseMethods, Definitions } from './database/database.ts'
export type { AnyTableSchema, RowsOf, TableOf, TableOrName } from './database/table-of.ts'
export type { KyselyOf, KyselyTables, MediaAmount, MediaStatistics, UserTransaction, WriteHolder } from '@vivant/storage'
export type { ApplyOptions, DefinitionPlan, PlannedColumn } from './database/definition-plan.ts'
export type { LoggerLike } from './database/logger.ts'
export type { PoolLike } from './database/parse-target.ts'
export type { AnyKysely, HasKysely } from './database/database-kysely.ts'
export type { Transaction, TransactionOptions } from './database/transaction.ts'
export type { CreateTableOptions } from './declare/create-table.ts'
export type { BackfillEstimate, BackfillHandle, BackfillProgress } from './observe/backfill-handle.ts'
export type * from './observe/cell.ts'
export type { DoctorOptions, DoctorReport } from './observe/doctor.ts'
export type { CellFailure, FailuresOptions } from './observe/failures.ts'
export type { RetryOptions, RetryResult } from './observe/retry.ts'
export type { CellCounts, RunResult, SettledProgress } from './observe/run-result.ts'
export type { SettledOptions } from './observe/settled.ts'
export type * from './observe/status.ts'
export type * from './query/query.ts'
export type { FunctionModule } from './runtime/register-modules.ts'
export type { GarbageOptions, GarbageReport } from './media/collect-garbage.ts'
export type { MediaConfig } from './runtime/media-config.ts'
export type { WorkerSettings } from './runtime/open-runtime.ts'
export type { Alterable, IndexOptions, RenamedColumn, ReplacedColumn, WithoutColumn } from './table/alterable.ts'
export type { PendingTable } from './table/pending-table.ts'
export type { ColumnLineage } from './table/lineage.ts'
export type { Insertion, InsertOptions, OfColumn, RecomputeOptions, RowsToInsert, Table, TableRows, UpsertOptions } from './table/table.ts'
export type { InsertResult, InvalidRow } from './write/insert-options.ts'
export { loadModules } from './worker/load-modules.ts'
export { migrateDatabase, type MigrateResult } from './worker/migrate-database.ts'
export { runWorker, type RunWorkerOptions } from './worker/run-worker.ts'

// What users describe their data and functions with.
export {
  aggregate,
  count,
  each,
  embeddingModel,
  isVivantError,
  iterator,
  lit,
  history,
  now,
  obj,
  PermanentError,
  prompt,
  resource,
  RetryAfter,
  t,
  table,
  udf,
  view,
  VivantError,
  when,
} from '@vivant/core'

export type * from './public-types.ts'
export { type MediaStoreOptions, reference, type SecretReference } from '@vivant/media'
export { exists, subquery } from './query/subquery.ts'
