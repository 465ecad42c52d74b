/** A list of one value over and over: a plain loop, as `Array.from({ length })` takes ten times as long, which chunks of thousands of rows feel. */
export function filled<T>(length: number, value: T): T[] {
  const list: T[] = []
  for (let index = 0; index < length; index++) list.push(value)
  return list
}
