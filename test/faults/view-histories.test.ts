import { describeViewHistories } from '../support/view-history/describe-view-histories.ts'

describeViewHistories({ histories: 200, steps: 40, budgetMs: 75_000 })
