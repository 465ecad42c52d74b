/** One statement. With a `name` the server keeps its plan; `values` are passed beside the text, never in it. */
export interface Statement {
  readonly text: string
  readonly values?: readonly unknown[]
  readonly name?: string
}

/** Rows as arrays in the order of the select list: the shape that hot paths read. */
export interface ArrayResult {
  readonly rows: readonly (readonly unknown[])[]
  readonly rowCount: number
}

export interface ObjectResult<R> {
  readonly rows: R[]
  readonly rowCount: number
}

/** What runs SQL: the database itself, or one connection inside a transaction. One statement at a time per client. */
export interface SqlClient {
  query<R = Record<string, unknown>>(statement: Statement | string): Promise<ObjectResult<R>>
  queryArrays(statement: Statement): Promise<ArrayResult>
}

/** A client inside a transaction. */
export interface SqlTransaction extends SqlClient {
  readonly insideTransaction: true
}
