import {
  callNode,
  columnNode,
  type ComputedColumnDefinition,
  type ComputedColumnOptions,
  type DataType,
  type EmbeddingIndexDefinition,
  expansionColumnName,
  type ExpressionNode,
  type FunctionDefinition,
  type FunctionReference,
  historiesIn,
  literalNode,
  mapNode,
  type VectorMetric,
  type ViewDefinition,
  viewOfExpansion,
  VivantError,
  walkNodes,
} from '@vivant/core'
import {
  type ColumnDeclaration,
  expansionPool,
  findColumn,
  groupPool,
  mediaColumnName,
  mediaReads,
  notExpressible,
  notVirtual,
  type TableModel,
} from '@vivant/storage'
import { resolverReference } from '../runtime/media-service.ts'
import { columnCodeHash } from './column-code-hash.ts'

/** What a sentence of the user's adds to a table: a computed column, or an embedding index, which is a hidden one. */
export type DeclaredColumn =
  | { readonly kind: 'computed'; readonly column: ComputedColumnDefinition }
  | { readonly kind: 'embedding'; readonly index: EmbeddingIndexDefinition; readonly type: DataType }

/** What an embedding column's options say of its index: queries read it from the model. */
export interface CatalogIndex {
  readonly name: string
  /** The column that is searched. */
  readonly column: string
  readonly metric: VectorMetric
  readonly model: string
  readonly dimensions: number
  /** The function that embeds questions. */
  readonly query: FunctionReference
}

/** The hidden column that holds the vectors of an embedding index. */
export function embeddingColumnName(index: string): string {
  return `${index}$embedding`
}

export function declaredName(declared: DeclaredColumn): string {
  return declared.kind === 'computed' ? declared.column.name : embeddingColumnName(declared.index.name)
}

/** The code that a declared column brings: of every call, and of the questions to an embedding index. */
export function declaredFunctions(declared: DeclaredColumn): readonly FunctionDefinition[] {
  return declared.kind === 'computed' ? declared.column.functions : [declared.index.model.embed, declared.index.model.embedQuery]
}

/** The catalog's entry of a declared column. */
export function catalogDeclaration(model: TableModel, declared: DeclaredColumn): ColumnDeclaration {
  return declared.kind === 'computed' ? computedDeclaration(model, declared.column) : embeddingDeclaration(declared.index, declared.type)
}

/** The hidden columns of the media that these columns read by content and that have none yet. */
export function missingMediaColumns(model: TableModel, declarations: readonly ColumnDeclaration[]): readonly ColumnDeclaration[] {
  return missingMedia(model, mediaNames(declarations))
}

/** The media columns that declarations read by content; those of a view's parent by the names that the view has for them. */
export function mediaNames(declarations: readonly Pick<ColumnDeclaration, 'expression' | 'condition'>[]): ReadonlySet<string> {
  return new Set(declarations.flatMap(({ expression, condition }) => [...mediaReads(expression), ...(condition ? mediaReads(condition) : [])]))
}

export function missingMedia(model: TableModel, read: ReadonlySet<string>): readonly ColumnDeclaration[] {
  return model.stored.filter((column) => read.has(column.name) && !findColumn(model, mediaColumnName(column.name))).map(mediaDeclaration)
}

function mediaDeclaration({ name, type }: TableModel['stored'][number]): ColumnDeclaration {
  const text: DataType = { kind: 'text' }
  const expression = callNode(resolverReference(type.kind as Parameters<typeof resolverReference>[0]), [columnNode(name, text)], text)
  return {
    name: mediaColumnName(name),
    kind: 'media',
    type: text,
    nullable: true,
    expression,
    condition: null,
    pool: 'default',
    codeHash: columnCodeHash([expression]),
    options: { ...plainOptions },
  }
}

function computedDeclaration(model: TableModel, column: ComputedColumnDefinition): ColumnDeclaration {
  const { name, expression, nullable, options } = column
  const condition = options.when
  return {
    name,
    kind: isVirtual(model, column) ? 'virtual' : 'computed',
    type: expression.type,
    nullable,
    expression,
    condition,
    pool: historiesIn(expression).length > 0 ? groupPool(poolOf(name, column.functions)) : poolOf(name, column.functions),
    codeHash: columnCodeHash(condition ? [expression, condition] : [expression]),
    options: { ...options },
  }
}

/** The hidden column of an embedding index, or that of a view, as users know it. */
export function shownColumn(column: string): string {
  for (const [suffix, what] of [
    [embeddingColumnName(''), 'embedding index'],
    [expansionColumnName(''), 'view'],
  ] as const)
    if (column.endsWith(suffix)) return `${column.slice(0, -suffix.length)} (${what})`
  return column
}

export function expansionDeclaration(view: string, { expansion, where, functions }: ViewDefinition): ColumnDeclaration {
  return {
    name: expansionColumnName(view),
    kind: 'expansion',
    type: { kind: 'int' },
    nullable: true,
    expression: expansion,
    condition: where,
    pool: expansionPool(poolOf(view, functions)),
    codeHash: columnCodeHash(where ? [expansion, where] : [expansion]),
    options: { ...plainOptions },
  }
}

/**
 * The views whose rows a column reads must be the table's, and what it says of each row such that PostgreSQL can say it. Throws
 * TABLE_NOT_FOUND, EXPRESSION_INVALID.
 */
export function requireRollUps(model: TableModel, declared: DeclaredColumn): void {
  if (declared.kind !== 'computed') return
  const { name, expression, options } = declared.column
  for (const node of [expression, ...(options.when ? [options.when] : [])].flatMap((root) => [...walkNodes(root)])) {
    if (node.node !== 'rollUp') continue
    const details = { table: model.name, column: name }
    const view = viewOfExpansion(node.rows.column) ?? node.rows.column
    if (!findColumn(model, node.rows.column))
      throw new VivantError('TABLE_NOT_FOUND', `'${name}' reads the rows of the view '${view}', which '${model.name}' does not have: create the view first`, {
        details,
      })
    const reason = notExpressible(node.aggregate)
    if (reason !== undefined)
      throw new VivantError(
        'EXPRESSION_INVALID',
        `'${name}' says of the rows of '${view}' what PostgreSQL cannot (${reason}): make it a computed column of the view`,
        {
          details,
        },
      )
  }
}

function embeddingDeclaration({ name, column, metric, model }: EmbeddingIndexDefinition, type: DataType): ColumnDeclaration {
  const { embed, embedQuery, dimensions } = model
  const defaults = embed.inputs.slice(1).map((input) => literalNode(input.defaultValue ?? null, input.type))
  const expression = callNode(referenceOf(embed), [columnNode(column, type), ...defaults], embed.output.type)
  const index: CatalogIndex = { name, column, metric, model: model.name, dimensions, query: referenceOf(embedQuery) }
  return {
    name: embeddingColumnName(name),
    kind: 'embedding',
    type: embed.output.type,
    nullable: true,
    expression,
    condition: null,
    pool: embed.pool,
    codeHash: columnCodeHash([expression]),
    options: { ...plainOptions, index },
  }
}

const plainOptions: ComputedColumnOptions = Object.freeze({
  when: null,
  onError: 'block',
  priority: 0,
  retry: null,
  description: null,
  onCodeChange: 'recompute',
})

function referenceOf({ name, hash }: FunctionDefinition): FunctionReference {
  return { name: name ?? '', hash }
}

/** Nodes of an expression with its virtual columns in their places: above it, PostgreSQL would plan for longer than a cell costs. */
const maxInlinedNodes = 1000

/** PostgreSQL evaluates it by itself, and nothing was asked of its cells. Media are read through hidden cells, which readers cannot reach. */
function isVirtual(model: TableModel, { expression, options }: ComputedColumnDefinition): boolean {
  if (options.when || options.onError !== 'block' || options.retry) return false
  if (notVirtual(expression) !== undefined || mediaReads(expression).length > 0) return false
  return [...walkNodes(inlineVirtual(model, expression))].length <= maxInlinedNodes
}

/** With the virtual columns that stand in the places of their names. */
export function inlineVirtual(model: TableModel, expression: ExpressionNode): ExpressionNode {
  return mapNode(expression, (node) => (node.node === 'column' ? model.virtual.find((column) => column.name === node.column)?.expression : undefined))
}

/** A column runs in one pool: that of its functions, of which `default` ones go along. */
function poolOf(name: string, functions: readonly FunctionDefinition[]): string {
  const pools = [...new Set(functions.map((definition) => definition.pool))].filter((pool) => pool !== 'default')
  if (pools.length <= 1) return pools[0] ?? 'default'
  throw new VivantError(
    'CONFIGURATION_INVALID',
    `'${name}' calls functions of the pools ${pools.join(' and ')}: make a column of each, one reading the other`,
    {
      details: { column: name, pools },
    },
  )
}
