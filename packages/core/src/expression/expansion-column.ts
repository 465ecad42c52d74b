/** Stands behind a view's name; users' names have no `$`. */
const mark = '$rows'

/** The hidden column of a parent whose cells make the rows of a view. */
export function expansionColumnName(view: string): string {
  return `${view}${mark}`
}

/** The view whose rows a column makes; undefined for any other column. */
export function viewOfExpansion(column: string): string | undefined {
  return column.endsWith(mark) ? column.slice(0, -mark.length) : undefined
}
