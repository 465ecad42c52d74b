import { type CellNode, type ColumnNode, type ExpressionNode, type OperatorNode, VivantError } from '@vivant/core'
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from 'kysely'
import { quoteText } from '../ddl/quote.ts'
import { compileWith } from './compile-expression.ts'
import type { Fragment } from './sql-operator.ts'

/** `CompileContext` in text: SQL that stands for itself. */
export interface TextContext {
  readonly column: (node: ColumnNode) => string
  readonly cell: (node: CellNode) => string
  /** Left out where the expression cannot have media properties: they throw EXPRESSION_INVALID. */
  readonly lookup?: (node: OperatorNode, operands: readonly string[]) => string
}

/**
 * `compileExpression` with the constants quoted in the text: for views, expression indexes and check constraints, which take no
 * parameters. Throws EXPRESSION_INVALID when there is no such SQL.
 *
 * @example
 * compileToText(titleEqualsIt, { column: ({ column }) => quoteName(column), cell })   // ("title" = 'it''s'::text)
 */
export function compileToText(node: ExpressionNode, context: TextContext): string {
  const fragment = compileWith(node, {
    column: (column) => sql.raw(context.column(column)),
    cell: (cell) => sql.raw(context.cell(cell)),
    lookup: (operator, operands) => {
      if (!context.lookup) throw new VivantError('EXPRESSION_INVALID', `${operator.operator} cannot be used here.`)
      return sql.raw(context.lookup(operator, operands.map(fragmentText)))
    },
    constant: (text, type) => sql.raw(`${text === null ? 'null' : quoteText(text).trimStart()}::${type}`),
  })
  return fragmentText(fragment)
}

/** The SQL of what has no parameters. */
export function fragmentText(fragment: Fragment): string {
  return fragment.compile(compiler).sql
}

/** Compiles, and runs nothing. */
const compiler = new Kysely<unknown>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})
