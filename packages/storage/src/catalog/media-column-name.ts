/** The hidden column that holds what a media column's reference resolves to. */
export function mediaColumnName(column: string): string {
  return `${column}$media`
}
