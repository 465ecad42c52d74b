import { containsMedia, type ExpressionNode, isMediaType, replaceMedia } from '@vivant/core'
import { valueDecoder } from '@vivant/storage'
import type { MediaService } from '../runtime/media-service.ts'
import type { ParsedSelection } from './selection.ts'

/** Makes results of the rows that PostgreSQL gave: values by their types, media as handles, nested as they were selected. */
export function resultReader({ nodes, build }: ParsedSelection, media: MediaService): (row: readonly unknown[]) => unknown {
  const readers = nodes.map((node) => valueReader(node, media))
  return (row) => build(readers.map((read, index) => read(row[index])))
}

/** The same of rows whose values are decoded already, media as references. */
export function decodedReader({ nodes, build }: ParsedSelection, media: MediaService): (row: readonly unknown[]) => unknown {
  const readers = nodes.map(
    ({ type }) =>
      (value: unknown) =>
        replaceMedia(type, value, (reference, kind) => (reference === null ? null : media.handle(reference as string, kind))),
  )
  return (row) => build(readers.map((read, index) => read(row[index])))
}

function valueReader({ type }: ExpressionNode, media: MediaService): (value: unknown) => unknown {
  const decode = valueDecoder(type)
  if (!containsMedia(type)) return decode
  if (isMediaType(type)) return (value) => (value === null ? null : media.handle(value as string, type.kind))
  return (value) => replaceMedia(type, decode(value), (reference, kind) => (reference === null ? null : media.handle(reference as string, kind)))
}
