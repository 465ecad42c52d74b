import { VivantError } from '../error/vivant-error.ts'

/** PostgreSQL cuts longer names without a word, so two of them could become one. */
const maxNameBytes = 63

/**
 * Accepts every name that PostgreSQL can hold when quoted (capitals, spaces, quotes, emoji, SQL's keywords) but for those that Vivant
 * keeps for itself: a `_` at the start, a `$` anywhere. Throws NAME_INVALID.
 */
export function validateName(name: string, what: 'table' | 'column' | 'field' | 'index'): string {
  const reason = reasonAgainst(name)
  if (reason === undefined) return name
  throw new VivantError('NAME_INVALID', `the ${what} name ${JSON.stringify(name)} ${reason}`, { details: { [what]: name } })
}

function reasonAgainst(name: string): string | undefined {
  if (typeof name !== 'string') return 'is not a text'
  if (name === '') return 'is empty'
  if (name.startsWith('_')) return "starts with '_', which is kept for system columns"
  if (name.includes('$')) return "contains '$', which is kept for Vivant's own names"
  if (name.includes('\0')) return 'contains a NUL character'
  if (!name.isWellFormed()) return 'contains half of a surrogate pair'
  const bytes = Buffer.byteLength(name)
  return bytes > maxNameBytes ? `has ${bytes} bytes as UTF-8; PostgreSQL keeps ${maxNameBytes}` : undefined
}
