import { describeNode, describeType, nodesEqual, stableJson, VivantError } from '@vivant/core'
import { type CellColumn, type ColumnDeclaration, findColumn, type TableModel, type VirtualColumn } from '@vivant/storage'
import { type CatalogIndex, catalogDeclaration, type DeclaredColumn, declaredName, inlineVirtual, missingMediaColumns } from './declared-column.ts'

/** What a declaration does to a table that stands. */
export interface DeclarationPlan {
  readonly added: readonly ColumnDeclaration[]
  /** Computed anew, as a new version. */
  readonly replaced: readonly ColumnReplacement[]
  /** Taken over without computing anything: new code by the policies `keep` and `manual`, and changed options. */
  readonly recorded: readonly ColumnChange[]
  /** Code that the column had before its present one: left alone. */
  readonly superseded: readonly string[]
}
export interface ColumnChange {
  readonly columnId: number
  readonly declaration: ColumnDeclaration
}
export interface ColumnReplacement extends ColumnChange {
  /** What is there and what is declared; null when only the code differs. */
  readonly difference: ColumnDifference | null
}
export interface ColumnDifference {
  readonly was: string
  readonly is: string
}

export interface DeclarationOptions {
  /** A column that is there becomes what is declared now: if it differs, or also (`always`) as a new version of what it is. Else COLUMN_DIFFERS. */
  readonly replace?: 'different' | 'always'
  /** Code that the column had before wins again. */
  readonly allowRevert?: boolean
}

/** Compares declared columns with those that stand. Throws COLUMN_DIFFERS and COLUMN_EXISTS. Pure. */
export function planDeclaration(model: TableModel, columns: readonly DeclaredColumn[], options: DeclarationOptions = {}): DeclarationPlan {
  const [added, replaced, recorded, superseded]: [ColumnDeclaration[], ColumnReplacement[], ColumnChange[], string[]] = [[], [], [], []]
  let known = model
  for (const column of columns) {
    const declaration = catalogDeclaration(known, column)
    const standing = findColumn(model, declaredName(column))
    if (standing === undefined) {
      added.push(declaration)
      known = withVirtual(known, declaration)
      continue
    }
    if (standing.kind === 'stored') throw existsError(model, declaration.name)
    const change = { columnId: standing.id, declaration }
    const difference = differenceOf(standing, declaration)
    if (options.replace === 'always' || (options.replace === 'different' && difference)) replaced.push({ ...change, difference })
    else if (difference) throw differsError(model, declaration.name, difference)
    else {
      const fate = fateOfCode(standing, declaration, options)
      if (fate === 'replaced') replaced.push({ ...change, difference })
      else if (fate === 'recorded') recorded.push({ ...change, declaration: withPendingCode(standing, declaration) })
      else if (fate === 'superseded') superseded.push(declaration.name)
    }
  }
  const declared = [...added, ...replaced.map(({ declaration }) => declaration)]
  return { added: [...missingMediaColumns(model, declared), ...added], replaced, recorded, superseded }
}

/** What becomes of a column that computes what is declared, by code that may be another. */
function fateOfCode(
  standing: CellColumn | VirtualColumn,
  declaration: ColumnDeclaration,
  { allowRevert = false }: DeclarationOptions,
): 'same' | 'recorded' | 'replaced' | 'superseded' {
  if (standing.kind === 'virtual') return 'same'
  const hash = declaration.codeHash ?? ''
  if (standing.codeHash === hash) return sameSettings(standing.options, declaration.options) ? 'same' : 'recorded'
  if (standing.codeHashes.includes(hash) && !allowRevert) return 'superseded'
  return declaration.options.onCodeChange === 'recompute' ? 'replaced' : 'recorded'
}

/** Null when both compute the same, whatever their code is. */
function differenceOf(standing: CellColumn | VirtualColumn, declaration: ColumnDeclaration): ColumnDifference | null {
  const condition = standing.kind === 'virtual' ? null : standing.declaredCondition
  const options = standing.kind === 'virtual' ? null : standing.options
  const isEqual =
    nodesEqual(standing.declared, declaration.expression, { ignoreCode: true }) &&
    stableJson(standing.type) === stableJson(declaration.type) &&
    (condition && declaration.condition ? nodesEqual(condition, declaration.condition, { ignoreCode: true }) : condition === declaration.condition) &&
    stableJson(meaningOf(options)) === stableJson(meaningOf(declaration.options))
  if (isEqual) return null
  return {
    was: describeColumn(standing.declared, condition, standing.type, options),
    is: describeColumn(declaration.expression, declaration.condition, declaration.type, declaration.options),
  }
}

type Options = ColumnDeclaration['options']

/** Of a column's options, what the values of other cells or of queries depend on. */
function meaningOf(options: Options | null): unknown {
  const { query: _, ...index } = (options?.['index'] ?? {}) as Partial<CatalogIndex>
  return [options?.onError === 'null', index]
}

/** Everything else: taken over as it is declared last. */
function sameSettings(a: Options, b: Options): boolean {
  const settings = ({ when: _when, pendingCode: _pending, ...rest }: Options): unknown => rest
  return stableJson(settings(a)) === stableJson(settings(b))
}

/** With `manual` the column is marked until somebody recomputes it. */
function withPendingCode(standing: CellColumn | VirtualColumn, declaration: ColumnDeclaration): ColumnDeclaration {
  if (standing.kind === 'virtual') return declaration
  const isNewCode = standing.codeHash !== (declaration.codeHash ?? '')
  const isPending = (isNewCode && declaration.options.onCodeChange === 'manual') || standing.options['pendingCode'] === true
  return isPending ? { ...declaration, options: { ...declaration.options, pendingCode: true } } : declaration
}

/** So that the next declaration of the sentence knows how large this one is when it is inlined. */
function withVirtual(model: TableModel, { kind, name, type, nullable, expression }: ColumnDeclaration): TableModel {
  if (kind !== 'virtual') return model
  const inlined = inlineVirtual(model, expression)
  const column: VirtualColumn = {
    kind,
    id: 0,
    name,
    type,
    nullable,
    position: 0,
    declared: expression,
    expression: inlined,
    storedInputs: [],
    cellInputs: [],
    inheritedInputs: [],
    rollUps: [],
  }
  return { ...model, virtual: [...model.virtual, column] }
}

function existsError(model: TableModel, column: string): VivantError {
  return new VivantError('COLUMN_EXISTS', `'${model.name}' already has a column '${column}', which users write`, { details: { table: model.name, column } })
}

function describeColumn(
  expression: ColumnDeclaration['expression'],
  condition: ColumnDeclaration['condition'],
  type: ColumnDeclaration['type'],
  options: Options | null,
): string {
  const parts = [
    `${describeNode(expression)} (${describeType(type)})`,
    condition && `when ${describeNode(condition)}`,
    options?.onError === 'null' && "onError 'null'",
    options?.['index'] !== undefined && `index ${stableJson(options['index'])}`,
  ]
  return parts.filter(Boolean).join(', ')
}

function differsError(model: TableModel, column: string, difference: ColumnDifference): VivantError {
  const { was, is } = difference
  const message = `'${model.name}.${column}' is there and computes something else: it is ${was}, declared is ${is}. Use replaceComputedColumn, or another name.`
  return new VivantError('COLUMN_DIFFERS', message, { details: { table: model.name, column, ...difference } })
}
