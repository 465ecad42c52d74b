/** Stands before the name of a column that is read through a view's parent; users' names have no `$`. */
const mark = 'parent$'

/** The name under which a view reads a column of its parent: `title` as `parent$title`, that of its parent's parent as `parent$parent$title`. */
export function parentColumnName(column: string): string {
  return `${mark}${column}`
}

/** The column as the parent knows it; undefined for a column of the view's own. */
export function columnOfParent(column: string): string | undefined {
  return column.startsWith(mark) ? column.slice(mark.length) : undefined
}

/** A column's name as a user would write it: `parent.title`. */
export function writtenColumnName(column: string): string {
  const above = columnOfParent(column)
  return above === undefined ? column : `parent.${writtenColumnName(above)}`
}
