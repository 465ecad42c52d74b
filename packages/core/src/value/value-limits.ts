export interface ValueLimits {
  /** The most bytes of one text, binary or JSON value; more is TOO_LARGE. */
  readonly maxBytes: number
}

/** 64 MiB: below what PostgreSQL takes in one field, and more than a cell should hold; larger things are media. */
export const defaultValueLimits: ValueLimits = Object.freeze({ maxBytes: 64 * 1024 * 1024 })
