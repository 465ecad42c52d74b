import { posix } from 'node:path'
import type { Archive } from '../archive/open-archive.ts'
import { readXml } from './read-xml.ts'

export interface Relationship {
  readonly type: string
  /** The part's name in the archive. */
  readonly target: string
}

/** What a part of an Office file refers to (ISO/IEC 29500-2), by id. What lies outside the archive is left out. */
export async function readRelationships(archive: Archive, part: string): Promise<ReadonlyMap<string, Relationship>> {
  const folder = posix.dirname(part)
  const xml = await archive.read(posix.join(folder, '_rels', `${posix.basename(part)}.rels`))
  const found = new Map<string, Relationship>()
  if (xml)
    readXml(xml, {
      open: (name, { Id, Type, Target, TargetMode }) => {
        if (name !== 'Relationship' || Id === undefined || Target === undefined || TargetMode === 'External') return
        found.set(Id, { type: Type ?? '', target: Target.startsWith('/') ? Target.slice(1) : posix.join(folder, Target) })
      },
    })
  return found
}
