import { expansionColumnName, nodesEqual, type TableDefinition, type ViewDefinition, VivantError } from '@vivant/core'
import { type CellColumn, type ColumnDeclaration, createView, finishPublication, readTable, replaceColumns, type TableModel } from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'
import { warnSuperseded } from './declare-columns.ts'
import { expansionDeclaration, missingMediaColumns, shownColumn } from './declared-column.ts'
import { type ColumnName, registerFunctions } from './register-functions.ts'
import { declarationTimeoutMs, settledModel } from './settled-model.ts'

/** The expansion of a view as `registerFunctions` knows it; none for a table. */
export function expansionNames({ name, view }: TableDefinition): readonly ColumnName[] {
  return view ? [{ table: view.parent.name, column: expansionColumnName(name) }] : []
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

/** What becomes of a view that stands, as it is defined now. */
export interface ViewPlan {
  /** Why it is not what is defined: nothing that Vivant changes by itself. */
  readonly difference: string | null
  /** Its iterator or filter has other code: `superseded` is code that it had before its present one. */
  readonly code: 'same' | 'new' | 'superseded'
  readonly parent: TableModel | null
  readonly expansion: CellColumn | null
}

const ordinary: ViewPlan = { difference: null, code: 'same', parent: null, expansion: null }

/** Compares a view with its definition; a table that is to be a view, and the other way round, is a difference. */
export async function planView(runtime: Runtime, standing: TableModel, { name, view }: TableDefinition, allowRevert = false): Promise<ViewPlan> {
  if (!view !== !standing.view)
    return { ...ordinary, difference: `'${name}' is a ${standing.view ? 'view' : 'table'}, declared is a ${view ? 'view' : 'table'}` }
  const parent = standing.view && (await readTable(runtime.database, standing.view.parentId))
  const expansion = parent?.cells.find(({ id }) => id === standing.view?.expansionId)
  if (!view || !parent || !expansion) return ordinary
  const declaration = expansionDeclaration(name, view)
  if (parent.name !== view.parent.name || !isSame(expansion, declaration))
    return { difference: `the view '${name}' is made otherwise than it is declared: drop it, or give this one another name`, code: 'same', parent, expansion }
  const hash = declaration.codeHash ?? ''
  const code = expansion.codeHash === hash ? 'same' : expansion.codeHashes.includes(hash) && !allowRevert ? 'superseded' : 'new'
  return { difference: null, code, parent, expansion }
}

function isSame({ declared, declaredCondition }: CellColumn, { expression, condition }: ColumnDeclaration): boolean {
  const sameCondition = declaredCondition && condition ? nodesEqual(declaredCondition, condition, { ignoreCode: true }) : declaredCondition === condition
  return nodesEqual(declared, expression, { ignoreCode: true }) && sameCondition
}

/** A view that stands: for new code of its iterator its rows are made again; anything else that differs is refused. */
export async function followView(runtime: Runtime, standing: TableModel, definition: TableDefinition, allowRevert = false): Promise<void> {
  const { difference, code, parent, expansion } = await planView(runtime, standing, definition, allowRevert)
  const { name, view } = definition
  if (difference) throw new VivantError('TABLE_DIFFERS', difference, { details: { table: name } })
  if (!view || !parent || !expansion) return
  await registerFunctions(runtime, view.functions, expansionNames(definition))
  if (code === 'superseded') warnSuperseded(runtime, parent.name, shownColumn(expansion.name))
  if (code !== 'new') return
  const declaration = { ...expansionDeclaration(name, view), name: expansion.name }
  const operation = await replaceColumns(runtime.database, parent.id, [{ columnId: expansion.id, declaration }], declarationTimeoutMs)
  await finishPublication(runtime.database, operation, declarationTimeoutMs)
  runtime.wake()
}
