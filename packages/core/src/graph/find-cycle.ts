/** A cycle among names, as a path that ends where it began (`a, b, a`); undefined when there is none. */
export function findCycle(names: readonly string[], next: (name: string) => readonly string[]): readonly string[] | undefined {
  const done = new Set<string>()
  const path: string[] = []
  const visit = (name: string): readonly string[] | undefined => {
    if (done.has(name)) return undefined
    const start = path.indexOf(name)
    if (start !== -1) return [...path.slice(start), name]
    path.push(name)
    for (const to of next(name)) {
      const cycle = visit(to)
      if (cycle !== undefined) return cycle
    }
    path.pop()
    done.add(name)
    return undefined
  }
  for (const name of names) {
    const cycle = visit(name)
    if (cycle !== undefined) return cycle
  }
  return undefined
}
