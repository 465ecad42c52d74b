import { createRequire } from 'node:module'

type CountTokens = (text: string, options: { readonly allowedSpecial: Set<string>; readonly disallowedSpecial: Set<string> }) => number

let counter: CountTokens | undefined

/** What a text says of control tokens is text like any other. */
const plain = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() }

/** Tokens of a text in the vocabulary o200k_base. Its tables take 0.2 s to load, so they are loaded when the first text is counted. */
export function countTokens(text: string): number {
  counter ??= (createRequire(import.meta.url)('gpt-tokenizer/encoding/o200k_base') as { readonly countTokens: CountTokens }).countTokens
  return counter(text, plain)
}
