import type { Content } from '../content/content.ts'
import type { MediaHint } from '../inspect/sniff-text.ts'
import type { SourceValidator } from './source-validator.ts'

/** What a reference led to, on this machine until it is disposed. */
export interface ReadSource extends AsyncDisposable {
  readonly content: Content
  readonly hint: MediaHint
  /** Null where nothing would tell that it has changed. */
  readonly validator: SourceValidator | null
}
