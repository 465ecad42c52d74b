import type { Expression } from '../expression.ts'
import type { SimilarityOptions } from '../searchable.ts'
import type { DataType } from '../../value/data-type.ts'
import { ComparableMethods } from './comparable-methods.ts'
import { derive, floatType, intType, jsonType, textType } from './derive.ts'
import { embeddingSimilarity } from './embedding-similarity.ts'

/** What `mediaProperty` can be asked for, and the type of the answer. */
const mediaProperties = {
  metadata: jsonType,
  mimeType: textType,
  sizeBytes: intType,
  width: intType,
  height: intType,
  pageCount: intType,
  duration: floatType,
} as const satisfies Readonly<Record<string, DataType>>

/** Media of any kind; which of the properties a kind has is in the types. */
export class MediaMethods extends ComparableMethods {
  get metadata(): Expression {
    return property(this, 'metadata')
  }

  get mimeType(): Expression {
    return property(this, 'mimeType')
  }

  get sizeBytes(): Expression {
    return property(this, 'sizeBytes')
  }

  similarity(query: unknown, options?: SimilarityOptions): Expression {
    return embeddingSimilarity(this, query, options)
  }
}

export class ImageMethods extends MediaMethods {
  get width(): Expression {
    return property(this, 'width')
  }

  get height(): Expression {
    return property(this, 'height')
  }
}

export class VideoMethods extends ImageMethods {
  get duration(): Expression {
    return property(this, 'duration')
  }
}

export class AudioMethods extends MediaMethods {
  get duration(): Expression {
    return property(this, 'duration')
  }
}

export class DocumentMethods extends MediaMethods {
  get pageCount(): Expression {
    return property(this, 'pageCount')
  }
}

function property(self: unknown, name: keyof typeof mediaProperties): Expression {
  return derive(self, 'mediaProperty', mediaProperties[name], { options: { property: name } })
}
