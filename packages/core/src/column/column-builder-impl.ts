import { VivantError } from '../error/vivant-error.ts'
import { createColumnExpression } from '../expression/create-column-expression.ts'
import { expressionState } from '../expression/expression-state.ts'
import { tableName } from '../schema/table-name.ts'
import { encodeJson } from '../value/encode-json.ts'
import { describeType } from '../value/describe-type.ts'
import { describeValue } from '../value/describe-value.ts'
import type { ReferenceOptions } from './column-builder.ts'
import { type ColumnSpec, columnSpec, columnSpecKey } from './column-spec.ts'
import { validateColumnValue } from './column-validation.ts'

/** Behind every `ColumnBuilder`: the types are in the interface, this one keeps the spec. */
export class ColumnBuilderImpl {
  constructor(spec: ColumnSpec) {
    Object.defineProperty(this, columnSpecKey, { value: Object.freeze(spec) })
    Object.freeze(this)
  }

  get #spec(): ColumnSpec {
    return columnSpec(this as never)
  }

  nullable(): ColumnBuilderImpl {
    return this.#with({ nullable: true })
  }

  default(value: unknown): ColumnBuilderImpl {
    return this.#with({ defaultValue: encodeJson(this.#spec.type, validateColumnValue(value, this.#spec, 'the default')) })
  }

  unique(): ColumnBuilderImpl {
    return this.#with({ unique: true })
  }

  primaryKey(): ColumnBuilderImpl {
    return this.#with({ primaryKey: true })
  }

  references(table: unknown, options: ReferenceOptions = {}): ColumnBuilderImpl {
    return this.#with({ references: { table: tableName(table), column: options.column ?? '_id', onDelete: options.onDelete ?? 'noAction' } })
  }

  check(rule: (column: unknown) => unknown): ColumnBuilderImpl {
    const { type } = this.#spec
    const nodeFor = (name: string) => {
      const condition = expressionState(rule(createColumnExpression(name, type))).node
      if (condition.type.kind === 'boolean') return condition
      throw new VivantError('TYPE_MISMATCH', `a check is a condition, not ${describeType(condition.type)}`)
    }
    nodeFor('value')
    return this.#with({ checks: [...this.#spec.checks, nodeFor] })
  }

  min(limit: number): ColumnBuilderImpl {
    return this.#with({ min: this.#bound('min', limit) })
  }

  max(limit: number): ColumnBuilderImpl {
    return this.#with({ max: this.#bound('max', limit) })
  }

  describe(text: string): ColumnBuilderImpl {
    return this.#with({ description: text })
  }

  #bound(name: string, limit: number): number {
    const { kind } = this.#spec.type
    if (!['int', 'float', 'bigint', 'text'].includes(kind)) throw new VivantError('TYPE_MISMATCH', `${name}() is for numbers and text, not for ${kind}`)
    if (typeof limit === 'number' && Number.isFinite(limit)) return limit
    throw new VivantError('TYPE_MISMATCH', `${name}() takes a finite number, not ${describeValue(limit)}`)
  }

  #with(change: Partial<ColumnSpec>): ColumnBuilderImpl {
    return new ColumnBuilderImpl({ ...this.#spec, ...change })
  }
}
