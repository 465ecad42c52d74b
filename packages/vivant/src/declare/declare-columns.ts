import { isVivantError, type TableDefinition, VivantError } from '@vivant/core'
import { addColumns, dropCells, finishPublication, recordColumns, replaceColumns } from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'
import { declareParentMedia } from './declare-parent-media.ts'
import { type DeclaredColumn, declaredFunctions, declaredName, requireRollUps } from './declared-column.ts'
import { type DeclarationOptions, planDeclaration } from './plan-declaration.ts'
import { registerFunctions } from './register-functions.ts'
import { declarationTimeoutMs, settledModel } from './settled-model.ts'

/**
 * Declares computed columns and embedding indexes of one table, in one operation. Resolves when they are published, not when they are
 * filled. Equal ones are left as they are; for new code the column's policy decides. Throws COLUMN_DIFFERS, COLUMN_EXISTS,
 * FUNCTION_NAME_TAKEN, CYCLE, and DECLARATION_WAITS after 30 s, when the declaration goes on by itself.
 */
export async function declareColumns(
  runtime: Runtime,
  table: TableDefinition,
  columns: readonly DeclaredColumn[],
  options: DeclarationOptions = {},
): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await declareOnce(runtime, table, columns, options)
      return
    } catch (error) {
      // another process declared the same a moment ago: compare with what it made
      if (attempt > 0 || !isVivantError(error, 'COLUMN_EXISTS')) throw error
    } finally {
      runtime.forgetModels()
    }
  }
}

async function declareOnce(runtime: Runtime, table: TableDefinition, columns: readonly DeclaredColumn[], options: DeclarationOptions): Promise<void> {
  const { database } = runtime
  const standing = await settledModel(runtime, table.name)
  const read = columns.flatMap((column) =>
    column.kind === 'computed' ? [{ expression: column.column.expression, condition: column.column.options.when }] : [],
  )
  const model = (await declareParentMedia(runtime, standing, read)) ? await settledModel(runtime, table.name) : standing
  for (const column of columns) requireRollUps(model, column)
  const plan = planDeclaration(model, columns, options)
  await registerFunctions(
    runtime,
    columns.flatMap(declaredFunctions),
    columns.map((column) => ({ table: table.name, column: declaredName(column) })),
  )
  for (const column of plan.superseded) warnSuperseded(runtime, table.name, column)
  if (plan.recorded.length > 0) await recordColumns(database, model.id, plan.recorded, declarationTimeoutMs)
  if (plan.added.length > 0) await finishPublication(database, await addColumns(database, model.id, plan.added, declarationTimeoutMs), declarationTimeoutMs)
  if (plan.replaced.length > 0) {
    await finishPublication(database, await replaceColumns(database, model.id, plan.replaced, declarationTimeoutMs), declarationTimeoutMs)
    await dropCells(database)
  }
  runtime.wake()
}

export function warnSuperseded(runtime: Runtime, table: string, column: string): void {
  const error = new VivantError('CODE_SUPERSEDED', `'${table}.${column}' has newer code than this program: the column stays as it is`)
  runtime.log.warn(`${error.message}. To go back use replaceComputedColumn, or connect with { allowRevert: true }.`, { code: error.code, table, column })
}
