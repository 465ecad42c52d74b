import { hashName } from '../connection/hash-name.ts'
import type { ArrayResult, SqlClient, Statement } from '../connection/sql-client.ts'
import { isPostgresError } from './translate-error.ts'

/**
 * Runs a statement under a name, so that a server keeps its plan: for those that take longer to plan than to run. Not in a transaction, which a
 * plan out of date would end.
 */
export async function runReusable(client: SqlClient, statement: Statement): Promise<ArrayResult> {
  try {
    return await client.queryArrays({ ...statement, name: planName(statement.text) })
  } catch (error) {
    if (isPostgresError(error) && error.code === planOutdated) return client.queryArrays(statement)
    throw error
  }
}

const planNames = new Map<string, string>()
const maxPlanNames = 500

/** Hashing takes longer than everything else that is done to the text. */
function planName(text: string): string {
  const known = planNames.get(text)
  if (known !== undefined) return known
  const name = hashName(text)
  if (planNames.size === maxPlanNames) planNames.clear()
  planNames.set(text, name)
  return name
}

/** "cached plan must not change result type": a column has another type since. */
const planOutdated = '0A000'
