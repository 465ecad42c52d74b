import { columnRules } from '../column/column-validation.ts'
import { innerColumnSpec } from '../column/column-spec.ts'
import type { AnyColumn } from '../column/column.ts'
import { VivantError } from '../error/vivant-error.ts'
import { createFunctionDefinition } from '../function/create-function-definition.ts'
import { validateName } from '../schema/validate-name.ts'
import { t } from '../column/t.ts'
import type { IteratorColumn, IteratorDefinition } from './iterator-definition.ts'
import type { IteratorOptions } from './iterator-options.ts'

/** Columns that every view has of its own. */
const viewColumns: ReadonlySet<string> = new Set(['parent', 'pos'])

/** An iterator as the engine sees it. Throws what `udf` throws, and NAME_INVALID for a column that a view cannot have. */
export function createIteratorDefinition(options: IteratorOptions, code: (...args: never[]) => unknown): IteratorDefinition {
  const label = options.name ?? (code.name === '' ? 'an iterator' : code.name)
  const columns = Object.entries(options.output).map(([name, builder]) => iteratorColumn(name, builder, label))
  if (columns.length === 0) throw new VivantError('CONFIGURATION_INVALID', `${label} yields no columns`)
  const { batch: _batch, memo: _memo, output: _output, ...definition } = createFunctionDefinition({ ...options, output: t.record(options.output) }, code)
  return Object.freeze({ ...definition, columns: Object.freeze(columns) })
}

function iteratorColumn(name: string, builder: AnyColumn, label: string): IteratorColumn {
  validateName(name, 'column')
  if (viewColumns.has(name)) throw new VivantError('NAME_INVALID', `${label} cannot yield '${name}': every view has a column of that name`)
  const spec = innerColumnSpec(builder, `the column '${name}' of ${label}`)
  const validate = columnRules(spec)
  return Object.freeze({ name, type: spec.type, nullable: spec.nullable, description: spec.description, ...(validate && { validate }) })
}
