/**
 * Every operator of the expression language. `Record<OperatorName, …>` tables in `evaluate` and in storage's SQL
 * compiler make the compiler list what a new one must touch.
 *
 * Each line below says: operands; `options`; result type; what null does. The rules that hold for all:
 *
 * - *strict* means: null when any operand is null. Where nothing else is said an operator is strict.
 * - A JSON null is a null: `jsonAt` to one gives null, `isNull` of a json value that is JSON null is true.
 * - *number* is int or float; both are computed and compared as float8. **A result that is not finite is null**
 *   (overflow, NaN, and any arithmetic on an Infinity), also where the static type is not nullable. Arithmetic never gives -0 a meaning: it equals 0.
 * - *bigint* results with more than 20 digits are null.
 * - Operands of one operator have one type when built, except: int beside float, enum beside text, media of one kind.
 * - Floats are ordered as PostgreSQL orders them: NaN equals NaN and is greater than all. Text is ordered by code point (`collate "C"`), false
 *   before true, uuid and binary by bytes, timestamps and dates by time.
 * - Timestamps have milliseconds and are UTC: fields, truncation and durations are those of UTC.
 * - *The text form* of a value is `textForm(type, value)`: text itself; int, bigint in digits; float as JavaScript prints it (`0.1`, `1e+21`, `NaN`; -0 is `0`);
 *   `true`, `false`; timestamp `2026-01-31T12:00:00.000Z`; date, uuid as they are; json, record, array as JSON without spaces, keys in jsonb's order (shorter first,
 *   then by bytes); media its reference. Binary and vector have none and are refused when built.
 * - *The JSON form* of a value is `encodeJson(type, value)`.
 */
export type OperatorName =
  // every type
  /** `[a, b]` of one type; boolean. `valuesEqual` when neither is null: jsonb equality for json and record, elementwise for arrays and vectors, the reference for media. */
  | 'eq'
  /** `[a, b]`; boolean; the negation of `eq`. */
  | 'ne'
  /** `[x, ...values]`, the values are literals of the type of x, never null; boolean. False for no values (also when x is null), else null when x is null. */
  | 'in'
  /** `[x]`; boolean, never null. */
  | 'isNull'
  /** `[a, b]` of one type; that type. a unless it is null, then b. */
  | 'orElse'
  /** `[x]`; the node's `type` is the target; `castRule(from, to)` lists the pairs. A value that does not convert is an error (VALUE_INVALID), never null. */
  | 'cast'
  /** `[condition, then, otherwise]`, both branches of one type; that type. A null condition is not true: otherwise. */
  | 'when'
  // ordered types: int, float, bigint, text, enum, timestamp, date, uuid
  /** `[a, b]`; boolean; a > b. */
  | 'gt'
  /** `[a, b]`; boolean; a ≥ b. */
  | 'gte'
  /** `[a, b]`; boolean; a < b. */
  | 'lt'
  /** `[a, b]`; boolean; a ≤ b. */
  | 'lte'
  /** `[x, low, high]`; boolean; `x ≥ low and x ≤ high` with the `and` below. */
  | 'between'
  // booleans, three-valued as in SQL
  /** `[a, b]`; boolean. False when either is false, else null when either is null. */
  | 'and'
  /** `[a, b]`; boolean. True when either is true, else null when either is null. */
  | 'or'
  /** `[a]`; boolean. */
  | 'not'
  // numbers. Of two numbers the result is float, also of two ints; of two bigints it is bigint
  /** `[a, b]` numbers or bigints; float or bigint. */
  | 'add'
  /** `[a, b]` numbers or bigints; float or bigint. */
  | 'sub'
  /** `[a, b]` numbers or bigints; float or bigint. */
  | 'mul'
  /** `[a, b]` numbers or bigints; float, or bigint truncated towards zero. Null when b is 0. */
  | 'div'
  /** `[a, b]` numbers or bigints; float: `a − trunc(a ÷ b) × b`, each step in float8; bigint: the remainder with the sign of a. Null when b is 0. */
  | 'mod'
  /** `[a]` number or bigint; float or bigint. */
  | 'abs'
  /**
   * `[a]` number; `{ digits: 0…15 }`; float. Half away from zero: with y = a × 10^digits (float8) it is a itself when |y| ≥ 2^52, else
   * `(trunc(y) + (|y − trunc(y)| ≥ 0.5 ? sign(y) : 0)) ÷ 10^digits`.
   */
  | 'round'
  // text (an enum is text here)
  /** `[a, b]` text; text. */
  | 'concat'
  /** `[a]` text; text; only a–z become A–Z. */
  | 'upper'
  /** `[a]` text; text; only A–Z become a–z. */
  | 'lower'
  /** `[a]` text; text; without the ASCII white space (space, \t \n \v \f \r) at both ends. */
  | 'trim'
  /** `[a]` text; int; the number of code points. */
  | 'length'
  /** `[a]` text; `{ pattern }`; boolean. `%` any text, `_` one code point, `\` takes the next character as it is (never the pattern's last); newlines are characters like others. */
  | 'like'
  /** `[a]` text; `{ pattern }`; boolean; `like` after both are lowered (ASCII). */
  | 'ilike'
  /** `[a, part]` text; boolean; as characters, no patterns; every text contains ''. */
  | 'contains'
  /** `[a, part]` text; boolean; as characters, no patterns; every text starts with ''. */
  | 'startsWith'
  /** `[a]` text; `{ from, to }`; text; every occurrence, from the left, without overlap; `from` is never ''. */
  | 'replace'
  /** `[a]` text; `{ separator }`, never ''; array of text; '' gives an empty array. */
  | 'split'
  /** `[...parts]` of any type with a text form; `{ strings }`, one more than parts; text: strings[0], part 0's text form, strings[1], … */
  | 'template'
  // JSON, records
  /** `[a]` json; `{ path }`, at least one step: a string is an object's key, an integer ≥ 0 an array's index; json. Null when nothing is there, or another kind of container. */
  | 'jsonAt'
  /** `[a]` json; the node's `type` is wanted; that type. Null unless a is the JSON form of such a value (`decodeJson` would accept it: '5' is no int, 1.5 neither). A number beyond float8, which JSON can say, is null as a float. */
  | 'jsonAs'
  /** `[a]` record; `{ name }`; the field's type. Null when the field is. */
  | 'field'
  // timestamps and dates
  /** `[a]` timestamp or date; `{ field }`: year month day dayOfWeek (0 is Sunday) hour minute, int; second (with milliseconds) epoch (seconds), float. Dates: the first four. Null at infinity. */
  | 'extract'
  /** `[a]` timestamp; `{ field }`: year month day hour minute second; timestamp; its beginning. Null outside the years 1 to 9999. */
  | 'trunc'
  /**
   * `[a]` timestamp or date; `{ duration }`: integers under years months weeks days hours minutes seconds milliseconds (a date: the first four); the type of a.
   * Years and months first (the day is cut to the month's last), then weeks and days, then the rest. Null when it leaves the years 1 to 9999, also on the way.
   */
  | 'addDuration'
  /** As `addDuration` with every number negated. */
  | 'subDuration'
  /** `[]`; timestamp; when the evaluation began, in whole milliseconds. */
  | 'now'
  // arrays
  /** `[a]` array; `{ index }`, an integer ≥ 0; the element's type. Null when the array is shorter. */
  | 'arrayAt'
  /** `[a]` array; int. */
  | 'arrayLength'
  /** `[a, element]`; boolean; whether an element equals (`eq`); null elements are passed over. */
  | 'arrayContains'
  // media: what vivant.media knows about the content
  /**
   * `[a]` media; `{ property }`: metadata (json: `MediaMetadata`), width height pageCount sizeBytes (int), duration (float, seconds), mimeType (text).
   * Null when the reference is, or when the format has no such property.
   */
  | 'mediaProperty'
  // vectors. Computed from the float4 elements; SQL and JavaScript agree within 1e-6
  /**
   * `[a, b]` vectors of one length; no options; float: 1 − cosine distance. Null when either is the zero vector.
   * `[column, query]` where the column is no vector but has an embedding index; `{ index }`, its name or null for the only one: the same over the row's embedding,
   * null when there is none yet; `query` is what the index's model embeds (text, media, binary for bytes given) or a vector. Only storage answers this one.
   */
  | 'similarity'
  /** `[a, b]` vectors of one length; `{ metric }`: cosine (1 − cosine; null for a zero vector), l2, innerProduct (negated, as pgvector); float. */
  | 'distance'
