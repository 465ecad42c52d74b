import { nodesEqual, type TableDefinition, type ViewDefinition, VivantError } from '@vivant/core'
import { type CellColumn, createView, finishPublication, findColumn, readTable, replaceColumns, type TableModel } from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'
import { expansionDeclaration, expansionName, missingMediaColumns } from './declared-column.ts'
import { type ColumnName, registerFunctions } from './register-functions.ts'
import { declarationTimeoutMs, settledModel } from './settled-model.ts'

/** The expansion of a view as `registerFunctions` knows it; none for a table. */
export function expansionNames({ name, view }: TableDefinition): readonly ColumnName[] {
  return view ? [{ table: view.parent.name, column: expansionName(name) }] : []
}

/** Makes a view with its expansion, which is published when no transaction writes to the parent past its capture. */
export async function createDeclaredView(runtime: Runtime, definition: TableDefinition, view: ViewDefinition): Promise<void> {
  const parent = await settledModel(runtime, view.parent.name)
  await registerFunctions(runtime, view.functions, expansionNames(definition))
  const expansion = expansionDeclaration(definition.name, view)
  const declarations = [...missingMediaColumns(parent, [expansion]), expansion]
  const made = definition.columns.map((column) => column.name)
  const operation = await createView(runtime.database, parent.id, { definition, made, declarations }, declarationTimeoutMs)
  runtime.forgetModels()
  await finishPublication(runtime.database, operation, declarationTimeoutMs)
  runtime.wake()
}

/** A view that stands: for new code of its iterator its rows are made again; anything else that differs is refused. */
export async function followView(runtime: Runtime, standing: TableModel, definition: TableDefinition): Promise<void> {
  const { name, view } = definition
  const column = standing.view && (await expansionOf(runtime, standing.view.parentId, name))
  if (!view !== !column)
    throw new VivantError('TABLE_DIFFERS', `'${name}' is a ${column ? 'view' : 'table'}, declared is a ${view ? 'view' : 'table'}`, {
      details: { table: name },
    })
  if (!view || !column) return
  const declaration = expansionDeclaration(name, view)
  const isSame =
    nodesEqual(column.cell.declared, declaration.expression, { ignoreCode: true }) &&
    (column.cell.declaredCondition && declaration.condition
      ? nodesEqual(column.cell.declaredCondition, declaration.condition, { ignoreCode: true })
      : column.cell.declaredCondition === declaration.condition)
  if (column.parent.name !== view.parent.name || !isSame)
    throw new VivantError('TABLE_DIFFERS', `the view '${name}' is made otherwise than it is declared: drop it, or give this one another name`, {
      details: { table: name },
    })
  await registerFunctions(runtime, view.functions, expansionNames(definition))
  if (column.cell.codeHash === (declaration.codeHash ?? '')) return
  const operation = await replaceColumns(runtime.database, column.parent.id, [{ columnId: column.cell.id, declaration }], declarationTimeoutMs)
  await finishPublication(runtime.database, operation, declarationTimeoutMs)
  runtime.wake()
}

async function expansionOf(runtime: Runtime, parentId: number, view: string): Promise<{ readonly parent: TableModel; readonly cell: CellColumn } | null> {
  const parent = await readTable(runtime.database, parentId)
  const cell = parent && findColumn(parent, expansionName(view))
  return parent && cell?.kind === 'expansion' ? { parent, cell } : null
}
