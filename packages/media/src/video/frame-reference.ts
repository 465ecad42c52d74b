import { VivantError } from '@vivant/core'
import { formatStoreReference, parseMediaKey } from '../reference/media-key.ts'

/** A picture in a stored video that is not stored itself. */
export interface FrameReference {
  /** Of the video in the store. */
  readonly key: string
  /** From 0, in the order in which frames are shown. */
  readonly index: number
  /** Where the frame stands in the stream, so that it is found without counting; null in a reference written by hand. */
  readonly pts: number | null
}

const pattern = /^vivant:\/\/(?<key>[^#]+)#frame=(?<index>\d{1,15})(?:&pts=(?<pts>-?\d{1,16}))?$/

/** `vivant://<sha256>.mp4#frame=300&pts=153600` */
export function formatFrameReference({ key, index, pts }: FrameReference): string {
  return `${formatStoreReference(key)}#frame=${index}${pts === null ? '' : `&pts=${pts}`}`
}

/** Null for what names no part of a medium; MEDIA_INVALID for a part that is no frame. */
export function parseFrameReference(reference: string): FrameReference | null {
  if (!reference.startsWith('vivant://') || !reference.includes('#')) return null
  const { key = '', index, pts } = pattern.exec(reference)?.groups ?? {}
  if (index === undefined) throw new VivantError('MEDIA_INVALID', `${JSON.stringify(reference)} names no frame: vivant://<sha256>.mp4#frame=300 was expected.`)
  parseMediaKey(key)
  return { key, index: Number(index), pts: pts === undefined ? null : Number(pts) }
}
