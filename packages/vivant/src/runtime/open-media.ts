import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { openMediaStore } from '@vivant/media'
import type { DatabaseTarget } from '@vivant/storage'
import { checkMediaConfig, type MediaConfig } from './media-config.ts'
import type { MediaOptions } from './media-service.ts'

export interface OpenMedia extends AsyncDisposable {
  /** For the database of this name. */
  readonly options: (database: string) => MediaOptions
}

const defaultMaxBytes = 10 * 1024 ** 3

/** The media of a connection as they are configured. Those of a database in memory, with no place of their own, go with it. */
export async function openMedia(config: MediaConfig, target: DatabaseTarget): Promise<OpenMedia> {
  checkMediaConfig(config)
  const { store: place, allowedRoots = [], maxBytes = defaultMaxBytes, ...options } = config
  const ownFolder = target === 'memory:' && place === undefined ? await mkdtemp(join(tmpdir(), 'vivant-media-')) : null
  const opened = openMediaStore(typeof place === 'string' ? place : (ownFolder ?? mediaFolder(target)), options)
  const store = typeof place === 'object' ? place : opened.store
  return {
    options: (database) => ({ store, s3: opened.s3, allowedRoots, maxBytes, claimed: once(async () => store.claim?.(database)) }),
    [Symbol.asyncDispose]: async () => {
      await opened[Symbol.asyncDispose]()
      if (ownFolder) await rm(ownFolder, { recursive: true, force: true })
    },
  }
}

function mediaFolder(target: DatabaseTarget): string {
  const isFolder = typeof target === 'string' && !/^postgres(ql)?:\/\//u.test(target)
  return join(resolve(isFolder ? target : '.vivant'), 'media')
}

/** A failure is not kept: the next call tries again. */
function once(work: () => Promise<unknown>): () => Promise<unknown> {
  let running: Promise<unknown> | undefined
  return () => {
    running ??= work().catch((error: unknown) => {
      running = undefined
      throw error
    })
    return running
  }
}
