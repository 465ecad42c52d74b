import { isMediaType, type DataType } from '@vivant/core'
import type { MediaBorder } from './media-border.ts'

export function containsMedia(type: DataType): boolean {
  if (isMediaType(type)) return true
  if (type.kind === 'array') return containsMedia(type.element)
  return type.kind === 'record' && Object.values(type.fields).some((field) => containsMedia(field.type))
}

/** The value as a function gets it: handles in the place of references. */
export function toHandles(type: DataType, value: unknown, media: MediaBorder): unknown {
  if (value === null) return null
  if (isMediaType(type)) return media.handle(value as string, type.kind)
  if (type.kind === 'array') return (value as readonly unknown[]).map((element) => toHandles(type.element, element, media))
  if (type.kind === 'record')
    return Object.fromEntries(Object.entries(type.fields).map(([name, field]) => [name, toHandles(field.type, (value as Record<string, unknown>)[name] ?? null, media)]))
  return value
}

/** What a function returned, with bytes, streams and handles taken in and replaced by their references. */
export async function takeIn(type: DataType, value: unknown, media: MediaBorder, signal: AbortSignal | undefined): Promise<unknown> {
  if (value === null || value === undefined) return null
  if (isMediaType(type)) return media.ingest(value, type.kind, signal)
  if (type.kind === 'array' && Array.isArray(value)) return Promise.all(value.map((element) => takeIn(type.element, element, media, signal)))
  if (type.kind === 'record' && typeof value === 'object') {
    const entries = Object.entries(type.fields).map(async ([name, field]) => [name, await takeIn(field.type, (value as Record<string, unknown>)[name], media, signal)] as const)
    return Object.fromEntries(await Promise.all(entries))
  }
  return value
}
