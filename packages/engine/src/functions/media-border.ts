import type { Media, MediaKind, MediaMetadata } from '@vivant/core'

/**
 * Where media pass between the engine, which holds references, and users' code, which holds handles and bytes.
 * The engine does not know how media are stored.
 */
export interface MediaBorder {
  handle(reference: string, kind: MediaKind): Media
  /** Takes in what a function returned; gives its reference. */
  ingest(value: unknown, kind: MediaKind, signal: AbortSignal | undefined): Promise<string>
  /** What is known of stored content, by reference; null for unknown references. */
  metadata(references: readonly string[]): Promise<ReadonlyMap<string, MediaMetadata>>
  /** The same for a batch of rows, whose media are read together where they lie together: frames of one video in one decode. */
  batch(): MediaBatch
}

export interface MediaBatch extends MediaBorder, Disposable {
  /** How long it took until the first could be read, however many there are: a decoder's start. */
  readonly startMs: number
}
