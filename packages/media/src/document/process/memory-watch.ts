// A thread that ends its process when that takes more memory than is allowed, or when its parent is gone: the main thread may be too busy to notice.
import { documentLimits } from '../document-limits.ts'

const parent = process.ppid

setInterval(() => {
  if (process.memoryUsage.rss() > documentLimits.maxMemoryBytes || process.ppid !== parent) process.kill(process.pid, 'SIGKILL')
}, 50)
