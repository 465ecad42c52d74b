import { type ExpressionNode, decodeJson } from '@vivant/core'

/** A number that is not zero lies between 2^least and 2^greatest, either sign. */
export interface Magnitude {
  readonly least: number
  readonly greatest: number
}

/**
 * What is known of a number's size before any row is seen; undefined for a float column, which may hold anything. Arithmetic
 * within the bounds of float8 needs no guard: `count.add(1)` is `(count::float8 + 1)`.
 */
export function magnitudeOf(node: ExpressionNode): Magnitude | undefined {
  if (node.node === 'literal') return literalMagnitude(decodeJson(node.type, node.value))
  // whatever it is computed from
  if (node.type.kind === 'int') return { least: 0, greatest: 63 }
  if (node.node !== 'operator') return undefined
  const [a, b] = node.operands.map(magnitudeOf)
  switch (node.operator) {
    case 'add':
    case 'sub':
      // A sum is a multiple of the smallest digit of either operand.
      return a && b && inBounds({ least: Math.min(a.least, b.least) - 52, greatest: Math.max(a.greatest, b.greatest) + 1 })
    case 'mul':
      return a && b && inBounds({ least: a.least + b.least, greatest: a.greatest + b.greatest })
    case 'div':
      return a && b && inBounds({ least: a.least - b.greatest, greatest: a.greatest - b.least })
    case 'abs':
      return a
    case 'round':
      return a && { least: -50, greatest: a.greatest + 1 }
    case 'extract':
      // milliseconds, of seconds or of all the seconds since 1970
      return { least: -10, greatest: 50 }
    default:
      return undefined
  }
}

/** Undefined where a result could overflow, or vanish, which PostgreSQL takes for an error as well. */
function inBounds(magnitude: Magnitude): Magnitude | undefined {
  return magnitude.least >= -1022 && magnitude.greatest <= 1023 ? magnitude : undefined
}

function literalMagnitude(value: unknown): Magnitude | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined
  if (value === 0) return { least: 0, greatest: 0 }
  const exponent = Math.log2(Math.abs(value))
  return { least: Math.floor(exponent) - 1, greatest: Math.ceil(exponent) + 1 }
}
