// Opens the embedded folder of the first argument and asks one query; prints the milliseconds since the process began.
import { connect } from 'vivant'

await using db = await connect(process.argv[2])
await (await db.table('items')).count()
console.log(performance.now())
