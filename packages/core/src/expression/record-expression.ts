import type { DeclaredNull, RecordColumns, TypeOfColumn } from '../column/column.ts'
import type { RecordType } from '../value/value-type.ts'
import type { Comparable } from './comparable.ts'
import type { ExpressionOf } from './expression-of.ts'

/** Its fields are properties: `r.song.tempo.gt(120)`. */
export type RecordExpression<C extends RecordColumns, N extends null> = Comparable<RecordType<C>, N> & RecordFields<C, N>

// Of a record whose fields are not known there are none to show; mapping them would lead through every kind to records again, without end.
type RecordFields<C extends RecordColumns, N extends null> = string extends keyof C
  ? unknown
  : { readonly [K in keyof C]: ExpressionOf<TypeOfColumn<C[K]>, DeclaredNull<C[K]> | N> }
