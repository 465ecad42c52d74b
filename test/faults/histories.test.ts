import { describeHistories } from '../support/history/describe-histories.ts'

describeHistories({ histories: 300, steps: 45, budgetMs: 360_000 })
