import { describeHistories } from '../../support/history/describe-histories.ts'

describeHistories({ histories: 25, steps: 40, budgetMs: 30_000 })
