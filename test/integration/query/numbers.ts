/** Whole numbers from 0, below a bound: others for each seed, the same in each run. */
export function numbers(count: number, below: number, seed: number): readonly number[] {
  let state = seed
  return Array.from({ length: count }, () => {
    state = (state * 1103515245 + 12345) % 2147483648
    return (state >> 8) % below
  })
}
