import { describeHistories } from '../../support/history/describe-histories.ts'

describeHistories({ histories: 12, steps: 40, budgetMs: 15_000 })
