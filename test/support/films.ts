import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findDecoder, type VideoDecoder } from '@vivant/media'
import sharp from 'sharp'
import { numberedFrames, numberOf } from './numbered-frames.ts'

const size = { width: 160, height: 96 }

/** A film whose frames show their numbers. Its extension says the container. */
export async function makeFilm(
  path: string,
  { frames, rate = 25, sound }: { readonly frames: number; readonly rate?: number; readonly sound?: string },
): Promise<string> {
  const decoder = await findDecoder()
  await decoder.writeFilm(path, {
    video: { size, rate, frames: numberedFrames(frames, size), quality: 23, keyFrameEvery: 25 },
    ...(sound === undefined ? {} : { sound: { path: sound, end: frames / rate } }),
  })
  return path
}

/** The number that a frame shows, from the bytes of its picture. */
export async function numberOfPicture(bytes: Uint8Array): Promise<number> {
  const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return numberOf({ data, width: info.width, height: info.height })
}

/** Films of 60 numbered frames at 25 a second, and what is odd about others. */
export type Films = Readonly<Record<'mp4' | 'mkv' | 'webm' | 'avi' | 'ts' | 'rotated' | 'tenBit' | 'variable' | 'wav', string>> & {
  readonly variableTimes: readonly number[]
}

export async function makeFilms(folder: string, decoder: VideoDecoder): Promise<Films> {
  const at = (name: string): string => join(folder, name)
  const wav = await writeTone(at('tone.wav'), [{ seconds: 3, hertz: 440 }])
  const video = (frames: number, codec: 'libx264' | 'mpeg4' | 'libvpx-vp9' | 'ffv1', pixelFormat = 'yuv420p') => ({
    video: { size, rate: 25, frames: numberedFrames(frames, size), quality: 23, keyFrameEvery: 25, codec, pixelFormat },
  })
  const write = async (name: string, request: Parameters<VideoDecoder['writeFilm']>[1]): Promise<string> => {
    await decoder.writeFilm(at(name), request)
    return at(name)
  }
  const [mp4, mkv, webm, avi, ts, tenBit, plain] = await Promise.all([
    write('film.mp4', { ...video(60, 'libx264'), sound: { path: wav, end: 2.4 } }),
    write('film.mkv', video(60, 'libx264')),
    write('film.webm', video(60, 'libvpx-vp9')),
    write('film.avi', video(60, 'mpeg4')),
    write('film.ts', video(60, 'libx264')),
    write('ten-bit.mkv', video(10, 'ffv1', 'yuv444p10le')),
    write('plain.mkv', video(10, 'ffv1')),
  ])
  const variableTimes = [0, 40, 60, 61, 200, 210, 300, 1000, 1010, 2000]
  const variable = at('variable.mkv')
  await writeFile(variable, withTimes(await readFile(plain), variableTimes))
  const rotated = at('rotated.mp4')
  await writeFile(rotated, turned(await readFile(mp4)))
  return { mp4, mkv, webm, avi, ts, rotated, tenBit, variable, variableTimes, wav }
}

/** Tones one after the other, 44.1 kHz, 16 bits; 0 Hz is silence. */
export async function writeTone(
  path: string,
  parts: readonly { readonly seconds: number; readonly hertz: number; readonly volume?: number }[],
): Promise<string> {
  const rate = 44_100
  const samples = parts.flatMap(({ seconds, hertz, volume = 0.5 }) =>
    Array.from({ length: Math.round(seconds * rate) }, (_, index) => Math.round(Math.sin((2 * Math.PI * hertz * index) / rate) * volume * 32_767)),
  )
  const data = Buffer.from(Int16Array.from(samples).buffer)
  const header = Buffer.from('RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\0\0\0\0\0\0\0\0\x02\0\x10\0data\0\0\0\0', 'latin1')
  header.writeUInt32LE(36 + data.length, 4)
  header.writeUInt32LE(rate, 24)
  header.writeUInt32LE(rate * 2, 28)
  header.writeUInt32LE(data.length, 40)
  await writeFile(path, Buffer.concat([header, data]))
  return path
}

/** The same MP4 with a display matrix that turns it clockwise by a quarter: nine numbers in the box `tkhd` of its first track. */
function turned(film: Buffer): Buffer {
  const bytes = Buffer.from(film)
  const matrix = bytes.indexOf('tkhd', 0, 'latin1') - 4 + 48
  const one = 0x1_0000
  for (const [index, value] of [0, one, 0, -one, 0, 0, size.height * one, 0, 0x4000_0000].entries()) bytes.writeInt32BE(value, matrix + index * 4)
  return bytes
}

/** The same Matroska file, of blocks 40 ms apart, with other times (milliseconds) in its blocks. */
function withTimes(film: Buffer, times: readonly number[]): Buffer {
  const bytes = Buffer.from(film)
  let from = bytes.indexOf(Buffer.from([0x1f, 0x43, 0xb6, 0x75]))
  for (const [index, time] of times.entries()) {
    // track 1, the time in the cluster, flags: a key frame or none
    const block = Buffer.from([0x81, (index * 40) >> 8, (index * 40) & 0xff, index === 0 ? 0x80 : 0])
    from = bytes.indexOf(block, from)
    if (from < 0) throw new Error(`there is no block at ${index * 40} ms`)
    bytes.writeInt16BE(time, from + 1)
    from += block.length
  }
  return bytes
}
