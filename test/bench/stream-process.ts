// Reads every row of the table `items` in the database of the first argument, and prints how long it took and how much memory.
import { connect, t, table } from 'vivant'

await using db = await connect(process.argv[2], { worker: false })
const items = db.table(table('items', { n: t.int(), note: t.text() }))
const began = performance.now()
let count = 0
for await (const row of items.orderBy((item) => item._id).stream()) if (row.n > 0) count++
console.log(JSON.stringify({ count, seconds: (performance.now() - began) / 1000, peakMb: process.resourceUsage().maxRSS / 1024 }))
