// Runs what is open in the database of the first argument, and prints how long it took and how much memory.
import { connect } from 'vivant'
import * as functions from './functions.ts'

await using db = await connect(process.argv[2], { worker: true, modules: [functions] })
const began = performance.now()
await db.settled()
console.log(JSON.stringify({ seconds: (performance.now() - began) / 1000, peakMb: process.resourceUsage().maxRSS / 1024 }))
