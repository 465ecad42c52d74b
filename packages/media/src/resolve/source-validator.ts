/** How the owner of a reference tells whether what it leads to has changed: an ETag, a time of change. Compared as a whole. */
export type SourceValidator = Readonly<Record<string, string>>

/** What a reference led to when it was read last. */
export interface KnownSource {
  readonly sha256: string
  readonly extension: string
  readonly validator: SourceValidator
}

/** Where it is remembered what references led to. */
export interface SourceMemory {
  readonly find: (reference: string) => Promise<KnownSource | null>
  readonly remember: (reference: string, source: KnownSource) => Promise<void>
}
