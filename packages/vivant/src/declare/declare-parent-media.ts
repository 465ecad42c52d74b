import { columnOfParent } from '@vivant/core'
import { addColumns, type ColumnDeclaration, finishPublication, readTable, type TableModel } from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'
import { mediaNames, missingMedia } from './declared-column.ts'
import { declarationTimeoutMs } from './settled-model.ts'

/** A view that reads media of its parents by content needs what resolves them there. True when something was declared. */
export function declareParentMedia(
  runtime: Runtime,
  model: TableModel,
  declarations: readonly Pick<ColumnDeclaration, 'expression' | 'condition'>[],
): Promise<boolean> {
  return declareAbove(runtime, model, [...mediaNames(declarations)])
}

async function declareAbove(runtime: Runtime, { view }: TableModel, names: readonly string[]): Promise<boolean> {
  const above = names.flatMap((name) => columnOfParent(name) ?? [])
  if (!view || above.length === 0) return false
  const declaredFurther = await declareAbove(runtime, view.parent, above)
  const parent = (await readTable(runtime.database, view.parentId)) ?? view.parent
  const missing = missingMedia(parent, new Set(above))
  if (missing.length === 0) return declaredFurther
  await finishPublication(runtime.database, await addColumns(runtime.database, parent.id, missing, declarationTimeoutMs), declarationTimeoutMs)
  return true
}
