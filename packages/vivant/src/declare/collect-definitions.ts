import { isDefinition, type TableDefinition, tableDefinition, VivantError } from '@vivant/core'
import type { Definitions } from '../database/database.ts'

/** The definitions among a module's exports, each table after those that its foreign keys name, each view after its parent. Throws NAME_TAKEN. */
export function collectDefinitions(definitions: Definitions): readonly TableDefinition[] {
  const found = new Map<string, { readonly table: TableDefinition; readonly exportName: string }>()
  for (const [exportName, value] of Object.entries(definitions)) {
    if (!isDefinition(value)) continue
    const table = tableDefinition(value)
    const other = found.get(table.name)
    if (other && other.table !== table) {
      throw new VivantError('NAME_TAKEN', `the definitions '${other.exportName}' and '${exportName}' both describe the table '${table.name}'`, {
        details: { table: table.name },
      })
    }
    found.set(table.name, { table, exportName })
  }
  return inOrderOfReferences([...found.values()].map(({ table }) => table))
}

function inOrderOfReferences(tables: readonly TableDefinition[]): readonly TableDefinition[] {
  const ordered: TableDefinition[] = []
  const visit = (table: TableDefinition, path: readonly string[]): void => {
    if (ordered.includes(table)) return
    if (path.includes(table.name)) {
      throw new VivantError(
        'CYCLE',
        `tables refer to each other, so none can be made first: ${[...path.slice(path.indexOf(table.name)), table.name].join(' → ')}; add one reference later, by alterColumn`,
      )
    }
    for (const name of [table.view?.parent.name, ...table.columns.map(({ references }) => references?.table)]) {
      const target = tables.find((candidate) => candidate.name === name)
      if (target && target !== table) visit(target, [...path, table.name])
    }
    ordered.push(table)
  }
  for (const table of tables) visit(table, [])
  return ordered
}
