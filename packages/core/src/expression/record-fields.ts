import { ComparableMethods } from './kinds/comparable-methods.ts'

const neverAProperty: ReadonlySet<string> = new Set(['then', 'toJSON', 'cell', 'constructor', 'toString', 'valueOf'])

/** Whether a record's field cannot have this name, because its expression, where fields are properties, answers to it otherwise. */
export function isReservedField(name: string): boolean {
  return neverAProperty.has(name) || name in ComparableMethods.prototype
}
