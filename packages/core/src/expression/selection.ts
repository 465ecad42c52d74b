import type { Expression, ValueOf } from './expression.ts'

/** What `select` and `obj` take: expressions, named, in objects as deep as one likes. */
export type Selection = { readonly [name: string]: Expression | Selection }

/** The result row of a selection. */
export type Selected<X> = { -readonly [K in keyof X]: X[K] extends Expression ? ValueOf<X[K]> : Selected<X[K]> }
