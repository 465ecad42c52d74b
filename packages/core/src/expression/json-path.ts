import type { JsonExpression } from './json-expression.ts'

type Step = string | number

/** The keys that one step may take; of a union, the keys of any member. */
type KeyOf<V> = V extends null | undefined
  ? never
  : V extends readonly unknown[]
    ? number
    : V extends object
      ? Extract<keyof V, Step>
      : unknown extends V
        ? Step
        : never

/** What is there after one step, with `null` for what may be missing. */
type Get<V, K> = V extends null | undefined
  ? null
  : V extends readonly (infer E)[]
    ? E | null
    : V extends object
      ? K extends keyof V
        ? Defined<V[K]>
        : null
      : unknown extends V
        ? unknown
        : null
type Defined<V> = undefined extends V ? Exclude<V, undefined> | null : V

type GetPath<V, P extends readonly Step[]> = P extends readonly [infer H, ...infer R extends readonly Step[]] ? GetPath<Get<V, H>, R> : V

/** The path itself, each step checked against what the steps before it lead to. */
export type JsonPath<V, P extends readonly Step[]> = P extends readonly [infer H, ...infer R extends readonly Step[]]
  ? H extends KeyOf<V>
    ? [H, ...JsonPath<Get<V, H>, R>]
    : [KeyOf<V>, ...R]
  : []

export type JsonAt<V, P extends readonly Step[], N extends null> =
  unknown extends GetPath<V, P> ? JsonExpression<unknown, null> : JsonExpression<Exclude<GetPath<V, P>, null>, N | Extract<GetPath<V, P>, null>>
