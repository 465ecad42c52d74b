/** A float as PostgreSQL reads it. JavaScript prints the shortest text that reads back to the same number, but loses the sign of -0. */
export function floatText(value: number): string {
  return value === 0 && 1 / value < 0 ? '-0' : String(value)
}
