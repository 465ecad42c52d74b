import {
  type AnyColumn,
  type ArrayType,
  type AudioType,
  type Column,
  type ImageType,
  type JsonType,
  type NumberType,
  type RecordType,
  t,
  type TextType,
  type Udf,
  udf,
  type VideoType,
} from '@vivant/core'
import { type ClipOptions, clipVideo } from './clip-video.ts'
import { type AudioOutputOptions, extractAudio } from './extract-audio.ts'
import { filmFromFrames, type FilmOptions } from './film-from-frames.ts'
import { type SceneOptions, sceneChanges } from './scene-changes.ts'
import { thumbnailAt, type ThumbnailAtOptions } from './thumbnail-at.ts'
import { type VideoMetadata, videoMetadata } from './video-metadata.ts'

type FromVideo<O, C extends AnyColumn, P> = Udf<readonly [Column<VideoType>, Column<JsonType<O>, 'default'>], C, Promise<P>>

export type VideoMetadataType = RecordType<{
  readonly format: Column<TextType>
  readonly durationSeconds: Column<NumberType, 'nullable'>
  readonly width: Column<NumberType>
  readonly height: Column<NumberType>
  readonly frameRate: Column<NumberType, 'nullable'>
  readonly codec: Column<TextType>
  readonly pixelFormat: Column<TextType, 'nullable'>
  readonly rotation: Column<NumberType>
  readonly frameCount: Column<NumberType, 'nullable'>
  readonly bitRate: Column<NumberType, 'nullable'>
  readonly audioCodec: Column<TextType, 'nullable'>
  readonly audioSampleRate: Column<NumberType, 'nullable'>
  readonly audioChannels: Column<NumberType, 'nullable'>
}>

/** Decoders use several threads each. */
const concurrency = 2
/** Of what decodes or encodes a whole video. */
const timeoutMs = 60 * 60 * 1000

const metadata: Udf<readonly [Column<VideoType>], Column<VideoMetadataType>, Promise<VideoMetadata>> = udf(
  {
    name: 'video.metadata',
    input: [t.video()],
    output: {
      format: t.text(),
      durationSeconds: t.float().nullable(),
      width: t.int(),
      height: t.int(),
      frameRate: t.float().nullable(),
      codec: t.text(),
      pixelFormat: t.text().nullable(),
      rotation: t.int(),
      frameCount: t.int().nullable(),
      bitRate: t.int().nullable(),
      audioCodec: t.text().nullable(),
      audioSampleRate: t.int().nullable(),
      audioChannels: t.int().nullable(),
    },
    version: 'metadata 1',
    concurrency,
  },
  async (video, { signal }) => videoMetadata(video, signal),
)

const clip: Udf<readonly [Column<VideoType>, Column<JsonType<ClipOptions>>], Column<VideoType>, Promise<Uint8Array>> = udf(
  { name: 'video.clip', input: [t.video(), t.json<ClipOptions>()], output: t.video(), version: 'clip 1', concurrency, timeoutMs },
  async (video, options, { signal }) => clipVideo(video, options, signal),
)

const thumbnail: FromVideo<ThumbnailAtOptions, Column<ImageType>, Uint8Array> = udf(
  { name: 'video.thumbnail', input: [t.video(), t.json<ThumbnailAtOptions>().default({})], output: t.image(), version: 'thumbnail 1', concurrency, timeoutMs },
  async (video, options, { signal }) => thumbnailAt(video, options, signal),
)

const scenes: FromVideo<SceneOptions, Column<ArrayType<NumberType>>, readonly number[]> = udf(
  {
    name: 'video.scene_changes',
    input: [t.video(), t.json<SceneOptions>().default({})],
    output: t.array(t.float()),
    version: 'scenes 1',
    concurrency,
    timeoutMs,
  },
  async (video, options, { signal }) => sceneChanges(video, options, signal),
)

const audio: FromVideo<AudioOutputOptions, Column<AudioType>, Uint8Array> = udf(
  { name: 'video.extract_audio', input: [t.video(), t.json<AudioOutputOptions>().default({})], output: t.audio(), version: 'audio 1', concurrency, timeoutMs },
  async (video, options, { signal }) => extractAudio(video, options, signal),
)

const fromFrames: Udf<readonly [Column<ArrayType<ImageType>>, Column<JsonType<FilmOptions>, 'default'>], Column<VideoType>, Promise<Uint8Array>> = udf(
  { name: 'video.from_frames', input: [t.array(t.image()), t.json<FilmOptions>().default({})], output: t.video(), version: 'frames 1', concurrency, timeoutMs },
  async (pictures, options, { signal }) => filmFromFrames(pictures, options, signal),
)

/**
 * Functions over videos, for computed columns and queries. Called by themselves they take what a media column takes (a
 * path, bytes, …) and return bytes.
 *
 * What is read is turned as it is seen, with square pixels; what is written is MP4 with H.264 and AAC. A video that cannot be
 * decoded is MEDIA_INVALID, an option that makes no sense VALUE_INVALID: neither is tried again.
 *
 * ```ts
 * videos
 *   .addComputedColumn('poster', (v) => video.thumbnail(v.video))
 *   .addComputedColumn('cuts', (v) => video.sceneChanges(v.video))
 * ```
 */
export const video: {
  /** A record of what the header says: `.durationSeconds`, `.frameRate`, `.codec`, … */
  readonly metadata: typeof metadata
  /** A part: `{ start: 10, end: 15.5 }` in seconds, exact to the frame. */
  readonly clip: typeof clip
  /** What is seen at a time: `{ at: 12.5, size: 640 }`. */
  readonly thumbnail: typeof thumbnail
  /** The times at which another scene begins: `{ threshold: 0.2 }`. */
  readonly sceneChanges: typeof scenes
  /** Its sound: `{ format: 'wav', sampleRate: 16000, channels: 1 }`. */
  readonly extractAudio: typeof audio
  /** A video that shows pictures one after the other: `{ fps: 2 }`. */
  readonly fromFrames: typeof fromFrames
} = Object.freeze({ metadata, clip, thumbnail, sceneChanges: scenes, extractAudio: audio, fromFrames })
