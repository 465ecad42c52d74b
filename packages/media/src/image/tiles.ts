import { type Column, type ImageType, iterator, type IteratorFunction, type JsonType, type MediaInput, type NumberType, t } from '@vivant/core'
import { bytesOfImage } from './bytes-of-image.ts'
import { type AnimationFrame, framesOfAnimation } from './frames-of-animation.ts'
import type { OutputOptions } from './output-format.ts'
import { type Tile, type TileOptions, tilesOfImage } from './tiles-of-image.ts'

/** Of each at once in a process: a large picture's band of tiles takes some hundred MB. */
const concurrency = 2

type Numbers<K extends string> = { readonly [N in K]: Column<NumberType> }

export type TilesIterator = IteratorFunction<
  readonly [Column<ImageType>, Column<JsonType<TileOptions>>],
  { readonly image: Column<ImageType> } & Numbers<'column' | 'row' | 'left' | 'top' | 'width' | 'height'>,
  AsyncGenerator<Tile, void, undefined>
>

/**
 * The tiles of a picture, row by row, each with its place: for models that take small pictures, and for large scans.
 *
 * ```ts
 * const parts = await db.createView('tiles', { of: scans, iterate: (scan) => tiles(scan.picture, { width: 512, overlap: 64 }) })
 * ```
 *
 * A picture is decoded in bands of some hundred MB at most, whatever its size. Tiles are in the picture's own format unless
 * another is asked for; PNG loses nothing.
 *
 * @throws VALUE_INVALID, MEDIA_INVALID
 */
// Called by itself it gives bytes, which is less than whatever an image column takes.
export const tiles: TilesIterator = iterator(
  {
    name: 'image.tiles',
    version: 'tiles 1',
    input: [t.image(), t.json<TileOptions>()],
    output: { image: t.image(), column: t.int(), row: t.int(), left: t.int(), top: t.int(), width: t.int(), height: t.int() },
    concurrency,
  },
  async function* (picture, options, { signal }) {
    yield* tilesOfImage(await bytesOfImage(picture as MediaInput, signal), options, signal)
  },
) as TilesIterator

export type AnimationFramesIterator = IteratorFunction<
  readonly [Column<ImageType>, Column<JsonType<OutputOptions>, 'default'>],
  { readonly image: Column<ImageType> } & Numbers<'index' | 'timestampMs' | 'durationMs'>,
  AsyncGenerator<AnimationFrame, void, undefined>
>

/**
 * The frames of an animated GIF or WebP as they are seen, with their times; the pages of a TIFF; one of any other picture.
 * (The frames of videos: `vivant/video`.)
 *
 * @example db.createView('frames', { of: stickers, iterate: (sticker) => animationFrames(sticker.picture) })
 */
export const animationFrames: AnimationFramesIterator = iterator(
  {
    name: 'image.animation_frames',
    version: 'animation_frames 1',
    input: [t.image(), t.json<OutputOptions>().default({})],
    output: { image: t.image(), index: t.int(), timestampMs: t.float(), durationMs: t.float() },
    concurrency,
  },
  async function* (picture, options, { signal }) {
    yield* framesOfAnimation(await bytesOfImage(picture as MediaInput, signal), options, signal)
  },
) as AnimationFramesIterator
