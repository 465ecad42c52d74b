/** A URL that is to be stored as it is, and fetched when it is first needed. Made by `reference(url)`. */
export class MediaReference {
  readonly url: string

  constructor(url: string) {
    this.url = url
    Object.freeze(this)
  }
}
