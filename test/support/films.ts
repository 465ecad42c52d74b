import { findDecoder } from '@vivant/media'
import sharp from 'sharp'
import { numberedFrames, numberOf } from './numbered-frames.ts'

/** A film whose frames show their numbers. Its extension says the container. */
export async function makeFilm(path: string, { frames, rate = 25 }: { readonly frames: number; readonly rate?: number }): Promise<string> {
  const decoder = await findDecoder()
  const size = { width: 160, height: 96 }
  await decoder.writeFilm(path, { video: { size, rate, frames: numberedFrames(frames, size), quality: 23, keyFrameEvery: 25 } })
  return path
}

/** The number that a frame shows, from the bytes of its picture. */
export async function numberOfPicture(bytes: Uint8Array): Promise<number> {
  const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return numberOf({ data, width: info.width, height: info.height })
}
