import { VivantError } from '../../error/vivant-error.ts'
import { describeValue } from '../../value/describe-value.ts'
import type { Expression } from '../expression.ts'
import type { SimilarityOptions } from '../searchable.ts'
import { booleanType, derive, intType, placeOf, textType } from './derive.ts'
import { embeddingSimilarity } from './embedding-similarity.ts'
import { OrderedMethods } from './ordered-methods.ts'

/** Text and enums. */
export class TextMethods extends OrderedMethods {
  concat(other: unknown): Expression {
    return derive(this, 'concat', textType, { operands: [[other, textType]] })
  }

  upper(): Expression {
    return derive(this, 'upper', textType)
  }

  lower(): Expression {
    return derive(this, 'lower', textType)
  }

  trim(): Expression {
    return derive(this, 'trim', textType)
  }

  length(): Expression {
    return derive(this, 'length', intType)
  }

  like(pattern: unknown): Expression {
    return derive(this, 'like', booleanType, { options: { pattern: likePattern(pattern, placeOf(this, 'like')) } })
  }

  ilike(pattern: unknown): Expression {
    return derive(this, 'ilike', booleanType, { options: { pattern: likePattern(pattern, placeOf(this, 'ilike')) } })
  }

  contains(part: unknown): Expression {
    return derive(this, 'contains', booleanType, { operands: [[part, textType]] })
  }

  startsWith(part: unknown): Expression {
    return derive(this, 'startsWith', booleanType, { operands: [[part, textType]] })
  }

  replace(from: unknown, to: unknown): Expression {
    const place = placeOf(this, 'replace')
    return derive(this, 'replace', textType, { options: { from: someText(from, place), to: constantText(to, place) } })
  }

  split(separator: unknown): Expression {
    const options = { separator: someText(separator, placeOf(this, 'split')) }
    return derive(this, 'split', { kind: 'array', element: textType }, { options })
  }

  similarity(query: unknown, options?: SimilarityOptions): Expression {
    return embeddingSimilarity(this, query, options)
  }
}

function constantText(value: unknown, place: string): string {
  if (typeof value === 'string' && !value.includes('\0') && value.isWellFormed()) return value
  throw new VivantError('TYPE_MISMATCH', `${place} takes a constant text, not ${describeValue(value)}`)
}

function someText(value: unknown, place: string): string {
  const text = constantText(value, place)
  if (text === '') throw new VivantError('EXPRESSION_INVALID', `${place} takes a text that is not empty`)
  return text
}

/** PostgreSQL raises an error for a pattern that ends in its escape character, but only once a row gets that far. */
function likePattern(value: unknown, place: string): string {
  const pattern = constantText(value, place)
  const trailing = /\\*$/.exec(pattern)?.[0].length ?? 0
  if (trailing % 2 === 1) throw new VivantError('EXPRESSION_INVALID', `${place}: the pattern ends with '\\', which must be followed by a character`)
  return pattern
}
