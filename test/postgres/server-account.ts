import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** The account that runs the server. PostgreSQL refuses root, so root gives way to `nobody`. */
export const serverAccount: { readonly uid: number; readonly gid: number } | undefined = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined

/** Whether the server's account may enter a folder, going by the permissions of everything above it that exists. */
export async function isReachableByServer(path: string): Promise<boolean> {
  if (!serverAccount) return true
  for (let folder = path; ; folder = dirname(folder)) {
    const mode = await stat(folder).then(
      (stats) => stats.mode,
      () => undefined,
    )
    if (mode !== undefined && (mode & 0o001) === 0) return false
    if (folder === dirname(folder)) return true
  }
}
