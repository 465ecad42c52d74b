import type { MediaMetadata } from '../media/media.ts'
import type { AudioType, DocumentType, FileType, ImageType, ValueType, VideoType } from '../value/value-type.ts'
import type { Comparable } from './comparable.ts'
import type { JsonExpression } from './json-expression.ts'
import type { NumberExpression } from './number-expression.ts'
import type { NoEmbeddingIndex } from './searchable.ts'
import type { TextExpression } from './text-expression.ts'

/** What is known of the content without reading it. Null also when the format has no such thing. */
interface MediaExpression<T extends ValueType, N extends null> extends Comparable<T, N>, NoEmbeddingIndex {
  readonly metadata: JsonExpression<MediaMetadata, N>
  readonly sizeBytes: NumberExpression<N>
  readonly mimeType: TextExpression<string, N>
}

/** In pixels. */
interface Pictured {
  readonly width: NumberExpression<null>
  readonly height: NumberExpression<null>
}
interface Lasting {
  /** In seconds. */
  readonly duration: NumberExpression<null>
}

export interface ImageExpression<N extends null> extends MediaExpression<ImageType, N>, Pictured {}
export interface VideoExpression<N extends null> extends MediaExpression<VideoType, N>, Pictured, Lasting {}
export interface AudioExpression<N extends null> extends MediaExpression<AudioType, N>, Lasting {}
export interface DocumentExpression<N extends null> extends MediaExpression<DocumentType, N> {
  readonly pageCount: NumberExpression<null>
}
export interface FileExpression<N extends null> extends MediaExpression<FileType, N> {}
