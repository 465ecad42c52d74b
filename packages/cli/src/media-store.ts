export interface MediaStoreOption {
  readonly media?: string
}

/** Where media lie: `--media`, else VIVANT_MEDIA, else beside the database. */
export function mediaStore({ media }: MediaStoreOption): { readonly store?: string } {
  const given = media ?? process.env['VIVANT_MEDIA']
  return given ? { store: given } : {}
}
