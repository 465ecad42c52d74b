import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MediaStore } from '@vivant/core'
import { createFolderStore } from '../store/folder-store.ts'

export interface TemporaryStore extends AsyncDisposable {
  /** A folder for the test's own files; the store lies in `media` under it. */
  readonly folder: string
  readonly store: MediaStore
}

export async function temporaryStore(): Promise<TemporaryStore> {
  const folder = await mkdtemp(join(tmpdir(), 'vivant-media-'))
  return { folder, store: createFolderStore(join(folder, 'media')), [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}

export async function keysOf(store: MediaStore): Promise<readonly string[]> {
  const keys: string[] = []
  for await (const { key } of store.list()) keys.push(key)
  return keys
}
