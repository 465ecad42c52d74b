interface ErrorCodeInfo {
  readonly httpStatus: number
  /** Whether the same call may succeed later. */
  readonly retryable: boolean
}

const badRequest: ErrorCodeInfo = { httpStatus: 400, retryable: false }
const notFound: ErrorCodeInfo = { httpStatus: 404, retryable: false }
const conflict: ErrorCodeInfo = { httpStatus: 409, retryable: false }
const internal: ErrorCodeInfo = { httpStatus: 500, retryable: false }
const unavailable: ErrorCodeInfo = { httpStatus: 503, retryable: true }

export type ErrorCode =
  | 'NAME_INVALID'
  | 'NAME_TAKEN'
  | 'TABLE_NOT_FOUND'
  | 'TABLE_DIFFERS'
  | 'TABLE_EXISTS'
  | 'COLUMN_NOT_FOUND'
  | 'COLUMN_DIFFERS'
  | 'COLUMN_EXISTS'
  | 'COLUMN_NEEDED'
  | 'CYCLE'
  | 'TYPE_MISMATCH'
  | 'EXPRESSION_INVALID'
  | 'NOT_INDEXABLE'
  | 'DROP_NOT_ALLOWED'
  | 'DECLARATION_WAITS'
  | 'SCHEMA_NEWER'
  | 'EXTENSION_MISSING'
  | 'FUNCTION_UNNAMED'
  | 'FUNCTION_NAME_TAKEN'
  | 'FUNCTION_NOT_REGISTERED'
  | 'FUNCTION_NEEDS_VERSION'
  | 'FUNCTION_FAILED'
  | 'OUTPUT_INVALID'
  | 'RESULT_COUNT'
  | 'CODE_SUPERSEDED'
  | 'ROW_INVALID'
  | 'VALUE_INVALID'
  | 'NOT_WRITABLE'
  | 'WHERE_NEEDED'
  | 'CONSTRAINT_VIOLATED'
  | 'TOO_LARGE'
  | 'INSIDE_TRANSACTION'
  | 'MEDIA_INVALID'
  | 'MEDIA_NOT_ALLOWED'
  | 'MEDIA_NOT_FOUND'
  | 'MEDIA_TOO_LARGE'
  | 'MEDIA_UNREACHABLE'
  | 'STORE_UNAVAILABLE'
  | 'STORE_REFUSED'
  | 'TIMEOUT'
  | 'ABORTED'
  | 'NO_WORKER'
  | 'WORKER_DIED'
  | 'LEASE_LOST'
  | 'INPUT_FAILED'
  | 'GROUP_TOO_LARGE'
  | 'NO_RESULT'
  | 'CONFIGURATION_INVALID'
  | 'DIRECTORY_LOCKED'
  | 'DATABASE_UNREACHABLE'
  | 'DATABASE_ERROR'
  | 'CLOSED'

/** The one table of what can go wrong. */
export const errorCodes: Readonly<Record<ErrorCode, ErrorCodeInfo>> = {
  // declarations
  NAME_INVALID: badRequest,
  NAME_TAKEN: conflict,
  TABLE_NOT_FOUND: notFound,
  TABLE_DIFFERS: conflict,
  TABLE_EXISTS: conflict,
  COLUMN_NOT_FOUND: notFound,
  COLUMN_DIFFERS: conflict,
  COLUMN_EXISTS: conflict,
  COLUMN_NEEDED: conflict,
  CYCLE: badRequest,
  TYPE_MISMATCH: badRequest,
  EXPRESSION_INVALID: badRequest,
  NOT_INDEXABLE: badRequest,
  DROP_NOT_ALLOWED: conflict,
  DECLARATION_WAITS: { httpStatus: 503, retryable: true },
  SCHEMA_NEWER: { httpStatus: 500, retryable: false },
  EXTENSION_MISSING: internal,
  // functions
  FUNCTION_UNNAMED: badRequest,
  FUNCTION_NAME_TAKEN: conflict,
  FUNCTION_NOT_REGISTERED: { httpStatus: 500, retryable: true },
  FUNCTION_NEEDS_VERSION: badRequest,
  FUNCTION_FAILED: internal,
  OUTPUT_INVALID: internal,
  RESULT_COUNT: internal,
  CODE_SUPERSEDED: conflict,
  // writing
  ROW_INVALID: badRequest,
  VALUE_INVALID: badRequest,
  NOT_WRITABLE: badRequest,
  WHERE_NEEDED: badRequest,
  CONSTRAINT_VIOLATED: conflict,
  TOO_LARGE: { httpStatus: 413, retryable: false },
  INSIDE_TRANSACTION: conflict,
  // media
  MEDIA_INVALID: badRequest,
  MEDIA_NOT_ALLOWED: { httpStatus: 403, retryable: false },
  MEDIA_NOT_FOUND: notFound,
  MEDIA_TOO_LARGE: { httpStatus: 413, retryable: false },
  MEDIA_UNREACHABLE: unavailable,
  STORE_UNAVAILABLE: unavailable,
  STORE_REFUSED: internal,
  // work
  TIMEOUT: { httpStatus: 504, retryable: true },
  ABORTED: { httpStatus: 499, retryable: true },
  NO_WORKER: unavailable,
  WORKER_DIED: internal,
  LEASE_LOST: unavailable,
  INPUT_FAILED: internal,
  GROUP_TOO_LARGE: internal,
  NO_RESULT: notFound,
  // connection
  CONFIGURATION_INVALID: badRequest,
  DIRECTORY_LOCKED: conflict,
  DATABASE_UNREACHABLE: unavailable,
  DATABASE_ERROR: internal,
  CLOSED: conflict,
}
