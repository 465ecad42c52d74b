/**
 * Every operator of the expression language. `Record<OperatorName, …>` tables in `evaluate` and in storage's SQL
 * compiler make the compiler list what a new one must touch.
 */
export type OperatorName =
  // every type
  | 'eq' | 'ne' | 'in' | 'isNull' | 'orElse' | 'cast' | 'when'
  // ordered types
  | 'gt' | 'gte' | 'lt' | 'lte' | 'between'
  // booleans
  | 'and' | 'or' | 'not'
  // numbers
  | 'add' | 'sub' | 'mul' | 'div' | 'mod' | 'abs' | 'round'
  // text
  | 'concat' | 'upper' | 'lower' | 'trim' | 'length' | 'like' | 'ilike' | 'contains' | 'startsWith' | 'replace' | 'split' | 'template'
  // JSON, records
  | 'jsonAt' | 'jsonAs' | 'field'
  // timestamps and dates
  | 'extract' | 'trunc' | 'addDuration' | 'subDuration' | 'now'
  // arrays
  | 'arrayAt' | 'arrayLength' | 'arrayContains'
  // media: what vivant.media knows about the content
  | 'mediaProperty'
  // vectors
  | 'similarity' | 'distance'
