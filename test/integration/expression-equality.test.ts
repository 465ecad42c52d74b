import { type OperatorName, walkNodes } from '@vivant/core'
import { notExpressible } from '@vivant/storage'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeEngines } from '../engines.ts'
import { expectEqual, type Row } from '../expressions/expect-equal.ts'
import { anyExpression, columns } from '../expressions/expressions.ts'
import { type ArrayClient, openClient } from '../expressions/open-client.ts'
import { storedValueOf } from '../expressions/values.ts'

const rowArbitrary: fc.Arbitrary<Row> = fc.record(Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, storedValueOf(type)])))
/** More with VIVANT_TEST_RUNS: each run is eight expressions over six rows. */
const numRuns = Number(process.env['VIVANT_TEST_RUNS'] ?? 150)

describeEngines('an expression in SQL and in JavaScript', (engine) => {
  let client: ArrayClient
  beforeAll(async () => {
    client = await openClient(engine)
  })
  afterAll(() => client[Symbol.asyncDispose]())

  test('is the same for random expressions over random rows, and never raises', { timeout: 600_000 }, async () => {
    const covered = new Set<OperatorName>()
    const expressions = fc.array(fc.integer({ min: 1, max: 4 }).chain(anyExpression), { minLength: 8, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(expressions, fc.array(rowArbitrary, { minLength: 6, maxLength: 6 }), async (nodes, rows) => {
        const expressible = nodes.filter((node) => notExpressible(node) === undefined)
        for (const node of expressible) for (const inner of walkNodes(node)) if (inner.node === 'operator') covered.add(inner.operator)
        await expectEqual(client, expressible, rows)
      }),
      { numRuns }
    )
    console.log([...covered].length)
  })
})

