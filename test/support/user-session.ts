import pg from 'pg'

/** A session of a user's own on the server: an ordinary client that knows nothing of Vivant. */
export class UserSession implements AsyncDisposable {
  readonly #client: pg.Client

  private constructor(client: pg.Client) {
    this.#client = client
  }

  static async open(url: string, name = 'user'): Promise<UserSession> {
    const client = new pg.Client({ connectionString: url, application_name: name })
    await client.connect()
    return new UserSession(client)
  }

  async run<R extends pg.QueryResultRow = Record<string, unknown>>(text: string, values: readonly unknown[] = []): Promise<R[]> {
    return (await this.#client.query<R>(text, [...values])).rows
  }

  /** The process behind the session, as pg_stat_activity and pg_locks name it. */
  async processId(): Promise<number> {
    return (await this.run<{ pid: number }>('select pg_backend_pid() as pid'))[0]!.pid
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.end()
  }
}
