// npm run bench [-- name …]: every scenario beside its bare loop. Prints a table; the figures that count are copied into README.md.
import { chain } from './scenarios/chain.ts'
import { latency } from './scenarios/latency.ts'
import { bulkInsert } from './scenarios/bulk-insert.ts'
import { stages } from './scenarios/stages.ts'
import { addColumn } from './scenarios/add-column.ts'
import { backfill } from './scenarios/backfill.ts'
import { readersAndWriters } from './scenarios/readers-and-writers.ts'
import { similarity } from './scenarios/similarity.ts'
import { embeddedStart } from './scenarios/embedded-start.ts'
import { frames } from './scenarios/frames.ts'
import { childrenOfParents } from './scenarios/children.ts'
import { update } from './scenarios/update.ts'
import { select } from './scenarios/select.ts'
import { stream } from './scenarios/stream.ts'
import { rollUps } from './scenarios/roll-ups.ts'
import { documentChunks } from './scenarios/document-chunks.ts'
import { thumbnails } from './scenarios/thumbnails.ts'
import { startServer } from '../postgres/start-server.ts'
import type { Scenario } from './scenario.ts'

const scenarios: readonly Scenario[] = [
  chain,
  latency,
  bulkInsert,
  stages,
  addColumn,
  backfill,
  readersAndWriters,
  similarity,
  embeddedStart,
  childrenOfParents,
  update,
  select,
  stream,
  rollUps,
  thumbnails,
  documentChunks,
  frames,
]

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !scenarios.some((scenario) => scenario.name === name))
if (unknown.length) {
  console.error(`No scenario ${unknown.join(', ')}; there are: ${scenarios.map((scenario) => scenario.name).join(', ')}`)
  process.exit(2)
}

await using server = await startServer({ fsync: true })
console.log('| work | budget | measured | bare | ratio |\n|---|---|---|---|---|')
for (const scenario of scenarios) {
  if (wanted.length && !wanted.includes(scenario.name)) continue
  for (const row of await scenario.run(server.url))
    console.log(`| ${row.work} | ${row.budget} | ${row.measured} | ${row.bare ?? ''} | ${row.ratio?.toFixed(2) ?? ''} |`)
}
