import {
  childNodes,
  decodeJson,
  describeNode,
  describeType,
  type ExpressionNode,
  type FunctionDefinition,
  type FunctionReference,
  isMediaType,
  literalNode,
  type LiteralNode,
  mapNode,
  operatorNode,
  type OperatorNode,
  columnNode,
  validateValue,
  type VectorMetric,
  VivantError,
} from '@vivant/core'
import { runFunction } from '@vivant/engine'
import type { CellColumn, OrderKey, QuerySource, QuerySpec } from '@vivant/storage'
import type { MediaService } from '../runtime/media-service.ts'
import type { Runtime } from '../runtime/runtime.ts'

/** What the hidden column of an embedding index says of it. */
interface EmbeddingIndex {
  readonly name: string
  readonly column: string
  readonly metric: VectorMetric
  readonly dimensions: number
  readonly query: FunctionReference
  readonly cell: CellColumn
}

const floatType = { kind: 'float' } as const

/** Greater is nearer, by each metric. */
const similarityOf: Readonly<Record<VectorMetric, (distance: OperatorNode) => ExpressionNode>> = {
  cosine: (distance) => operatorNode('similarity', distance.operands, floatType),
  innerProduct: (distance) => operatorNode('sub', [literalNode(0, floatType), distance], floatType),
  l2: (distance) => operatorNode('div', [literalNode(1, floatType), operatorNode('add', [literalNode(1, floatType), distance], floatType)], floatType),
}

/**
 * A query in which every search through an embedding index has become arithmetic over its vectors: the question is embedded by the
 * index's model, once, however often it stands there. `similarity` is 1 − cosine distance; through an index of the metric `l2` it is
 * 1 ÷ (1 + distance), of `innerProduct` the inner product: greater is nearer in each.
 */
export async function embedSearches(
  runtime: Runtime,
  media: MediaService,
  spec: QuerySpec,
  sources: readonly QuerySource[],
  signal: AbortSignal | undefined,
): Promise<QuerySpec> {
  const nodes = [...spec.where, ...spec.orderBy.map(({ node }) => node), ...spec.select]
  if (!nodes.some(containsSearch)) return spec
  const searches = new Searches(runtime, media, sources, signal)
  await Promise.all(nodes.map((node) => searches.embedAll(node)))
  return {
    ...spec,
    where: spec.where.map((node) => searches.resolve(node)),
    orderBy: spec.orderBy.map((key) => searches.resolveKey(key)),
    select: spec.select.map((node) => searches.resolve(node)),
  }
}

class Searches {
  readonly #runtime: Runtime
  /** Of the query's transaction, if it is in one. */
  readonly #media: MediaService
  readonly #sources: readonly QuerySource[]
  readonly #signal: AbortSignal | undefined
  readonly #vectors = new Map<string, Promise<Float32Array>>()
  readonly #embedded = new Map<string, Float32Array>()

  constructor(runtime: Runtime, media: MediaService, sources: readonly QuerySource[], signal: AbortSignal | undefined) {
    this.#runtime = runtime
    this.#media = media
    this.#sources = sources
    this.#signal = signal
  }

  /** Embeds the questions of all searches in an expression. */
  async embedAll(node: ExpressionNode): Promise<void> {
    const found: OperatorNode[] = []
    mapNode(node, (inner) => {
      if (isSearch(inner)) found.push(inner)
      return undefined
    })
    await Promise.all(
      found.map(async (search) => {
        const [index, question] = [this.#indexOf(search), search.operands[1]]
        if (question?.node !== 'literal' || question.type.kind === 'vector') return
        const key = searchKey(index, question)
        const vector = this.#vectors.get(key) ?? this.#embed(index, question)
        this.#vectors.set(key, vector)
        this.#embedded.set(key, await vector)
      }),
    )
  }

  resolve(node: ExpressionNode): ExpressionNode {
    return mapNode(node, (inner) => (isSearch(inner) ? this.#asSimilarity(inner) : undefined))
  }

  /** A sort by similarity is one by distance, the other way round: so an index can serve it whatever its metric. */
  resolveKey({ node, direction }: OrderKey): OrderKey {
    if (!isSearch(node)) return { node: this.resolve(node), direction }
    return { node: this.#distance(node, this.#indexOf(node)), direction: direction === 'desc' ? 'asc' : 'desc' }
  }

  #asSimilarity(node: OperatorNode): ExpressionNode {
    const index = this.#indexOf(node)
    const distance = this.#distance(node, index)
    return similarityOf[index.metric](distance)
  }

  #distance(node: OperatorNode, index: EmbeddingIndex): OperatorNode {
    const [column, question] = node.operands
    const source = column?.node === 'column' ? column.source : 0
    const vectors = columnNode(index.cell.name, index.cell.type, source)
    return operatorNode('distance', [vectors, this.#questionVector(node, index, question, source)], floatType, { metric: index.metric })
  }

  #questionVector(node: OperatorNode, index: EmbeddingIndex, question: ExpressionNode | undefined, source: number): ExpressionNode {
    if (question === undefined) throw new VivantError('EXPRESSION_INVALID', 'similarity() lacks what is searched for.')
    if (question.type.kind === 'vector') {
      if (question.type.dimensions === index.dimensions) return question
      throw new VivantError(
        'TYPE_MISMATCH',
        `${describeNode(node)}: the index '${index.name}' has vectors of ${index.dimensions} dimensions, not ${question.type.dimensions}.`,
      )
    }
    if (question.node === 'literal') {
      const vector = this.#embedded.get(searchKey(index, question))
      return literalNode(vector === undefined ? null : Array.from(vector), index.cell.type)
    }
    const other =
      question.node === 'column' ? this.#indexesOf(question.source, question.column).find((found) => found.dimensions === index.dimensions) : undefined
    if (other !== undefined) return columnNode(other.cell.name, other.cell.type, source)
    throw new VivantError(
      'EXPRESSION_INVALID',
      `${describeNode(node)}: a question that differs from row to row must be a vector, or a column with an embedding index of ${index.dimensions} dimensions.`,
    )
  }

  /** The vector of a question, by the index's own model. */
  async #embed(index: EmbeddingIndex, question: LiteralNode): Promise<Float32Array> {
    const { registry } = this.#runtime
    const definition = registry.find(index.query.name, index.query.hash)
    if (definition === undefined) {
      throw new VivantError(
        'FUNCTION_NOT_REGISTERED',
        `The index '${index.name}' embeds questions with ${index.query.name}, whose code this process does not have, or has in another version: import the model, or add the index again with it.`,
        { details: { index: index.name, function: index.query.name } },
      )
    }
    const argument = await this.#argument(index, definition, question)
    const runtime = this.#runtime
    const run = await runFunction(
      {
        definition,
        arguments: [[argument]],
        ids: [0],
        keyOf: () => `search ${index.name} ${JSON.stringify(question.value)}`,
        attemptOf: () => 1,
        maxAttempts: 1,
        signal: this.#signal ?? new AbortController().signal,
      },
      {
        log: runtime.log,
        secrets: runtime.secrets,
        use: (resource) => runtime.resources.use(resource),
        media: this.#media,
        slotsOf: (called) => runtime.slotsOf(called),
      },
    )
    const [failure, vector] = [run.failures.get(0), run.values[0]]
    if (failure === undefined && vector instanceof Float32Array) return vector
    throw new VivantError(
      'FUNCTION_FAILED',
      `The question to the index '${index.name}' could not be embedded: ${failure?.error.message ?? 'the model gave no vector'}`,
      {
        details: { index: index.name, function: index.query.name, ...(failure === undefined ? {} : { code: failure.error.code }) },
      },
    )
  }

  /** What the model is given: media are taken into the store first, from a path, a URL or bytes. */
  async #argument(index: EmbeddingIndex, definition: FunctionDefinition, { type, value }: LiteralNode): Promise<unknown> {
    const wanted = definition.inputs[0]?.type
    const given = decodeJson(type, value)
    if (given === null || wanted === undefined)
      throw new VivantError('TYPE_MISMATCH', `similarity() of '${index.column}' searches for nothing: it was given ${String(given)}.`)
    if (isMediaType(wanted)) {
      if (isMediaType(type)) return given
      if (type.kind === 'text' || type.kind === 'binary') return this.#media.ingest(given, wanted.kind, this.#signal)
    } else if (type.kind === wanted.kind || (type.kind === 'int' && wanted.kind === 'float')) {
      return validateValue(given, wanted, `similarity() of '${index.column}'`)
    }
    throw new VivantError(
      'TYPE_MISMATCH',
      `similarity() of '${index.column}': the model of the index '${index.name}' embeds ${describeType(wanted)}, not ${describeType(type)}.`,
    )
  }

  #indexOf(node: OperatorNode): EmbeddingIndex {
    const [column] = node.operands
    if (column?.node !== 'column') throw new VivantError('EXPRESSION_INVALID', 'similarity() needs an embedding index, which only a column can have.')
    const indexes = this.#indexesOf(column.source, column.column)
    const wanted = node.options?.['index']
    const names = indexes.map(({ name }) => `'${name}'`).join(', ')
    if (typeof wanted === 'string') {
      const found = indexes.find(({ name }) => name === wanted)
      if (found) return found
      throw new VivantError('EXPRESSION_INVALID', `'${column.column}' has no embedding index '${wanted}'${names ? `; it has ${names}` : ''}.`, {
        details: { column: column.column, index: wanted },
      })
    }
    const [only] = indexes
    if (only !== undefined && indexes.length === 1) return only
    throw new VivantError(
      'EXPRESSION_INVALID',
      only === undefined
        ? `similarity() of '${column.column}' needs an embedding index: add one with .addEmbeddingIndex('${column.column}', model).`
        : `'${column.column}' has several embedding indexes: say which with { index: … }; there are ${names}.`,
      { details: { column: column.column } },
    )
  }

  #indexesOf(source: number, column: string): readonly EmbeddingIndex[] {
    const model = this.#sources.find((candidate) => candidate.source === source)?.model
    return (model?.cells ?? []).flatMap((cell) => {
      const index = cell.kind === 'embedding' ? (cell.options['index'] as Omit<EmbeddingIndex, 'cell'> | undefined) : undefined
      return index?.column === column ? [{ ...index, cell }] : []
    })
  }
}

function isSearch(node: ExpressionNode): node is OperatorNode {
  return node.node === 'operator' && node.operator === 'similarity' && node.operands[0]?.type.kind !== 'vector'
}

function containsSearch(node: ExpressionNode): boolean {
  return isSearch(node) || childNodes(node).some(containsSearch)
}

function searchKey(index: EmbeddingIndex, question: LiteralNode): string {
  return JSON.stringify([index.cell.id, question.type, question.value])
}
