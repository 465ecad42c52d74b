import { t, udf } from 'vivant'

/** Functions that cost nothing, so that what is measured is what Vivant adds. */
export const double = udf({ name: 'bench_double', input: [t.int()], output: t.int(), version: '1' }, (value) => value * 2)
export const increment = udf({ name: 'bench_increment', input: [t.int()], output: t.int(), version: '1' }, (value) => value + 1)
export const decrement = udf({ name: 'bench_decrement', input: [t.int()], output: t.int(), version: '1' }, (value) => value - 1)
