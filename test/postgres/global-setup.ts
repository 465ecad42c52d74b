import { startServer } from './start-server.ts'
import { ServerUnavailableError } from './server-unavailable-error.ts'
import { makeTemplate } from './template-database.ts'

/**
 * Gives a run of vitest one server, in VIVANT_TEST_SERVER_URL: processes that tests start see it as well. Several projects may name this file:
 * the first one starts the server.
 */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env['VIVANT_TEST_SERVER_URL']) return undefined
  const keep = process.env['VIVANT_TEST_KEEP'] === '1'
  const server = await startServer({ keep }).catch(unavailable)
  if (typeof server === 'string') return async () => console.log(server)
  await makeTemplate(server.url)
  process.env['VIVANT_TEST_SERVER_URL'] = server.url
  process.env['VIVANT_TEST_PSQL'] = server.psql
  return async () => {
    delete process.env['VIVANT_TEST_SERVER_URL']
    if (keep) console.log(`The test server was kept: ${server.psql} '${server.url}'${server.pid ? `; stop it with: kill -INT ${server.pid}` : ''}`)
    else await server.stop()
  }
}

function unavailable(error: unknown): string {
  if (!(error instanceof ServerUnavailableError) || process.env['VIVANT_REQUIRE_SERVER'] === '1') throw error
  return `server engine not tested: ${error.why}; ${error.how}`
}
