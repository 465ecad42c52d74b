import { evenSides, filmDefaults, type FilmRequest, type FilmSound, type FilmVideo } from '../film-request.ts'

/** The arguments of `ffmpeg` that write a film from raw frames on its standard input, a file's sound, or both. */
export function filmArguments({ video, sound }: FilmRequest, safeInput: readonly string[]): readonly string[] {
  return [
    ...(video ? frameInput(video) : []),
    ...(sound ? soundInput(sound, safeInput) : []),
    ...(video ? ['-map', '0:v', ...frameOutput(video)] : ['-vn']),
    ...(sound ? ['-map', `${video ? 1 : 0}:a:0`, ...soundOutput(sound)] : []),
    '-map_metadata',
    '-1',
    '-fflags',
    '+bitexact',
    '-flags:a',
    '+bitexact',
  ]
}

function frameInput({ size, rate }: FilmVideo): readonly string[] {
  return ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${size.width}x${size.height}`, '-r', String(rate), '-i', 'pipe:0']
}

function frameOutput({
  codec = filmDefaults.codec,
  pixelFormat = filmDefaults.pixelFormat,
  keyFrameEvery = filmDefaults.keyFrameEvery,
  quality,
}: FilmVideo): readonly string[] {
  const options =
    codec === 'libx264'
      ? ['-preset', 'veryfast', '-crf', String(quality)]
      : codec === 'libvpx-vp9'
        ? ['-crf', String(quality), '-b:v', '0', '-deadline', 'realtime', '-cpu-used', '8']
        : []
  return ['-c:v', codec, ...options, '-g', String(keyFrameEvery), '-vf', `${evenSides},format=${pixelFormat}`, '-flags:v', '+bitexact']
}

function soundInput({ path, start, end }: FilmSound, safeInput: readonly string[]): readonly string[] {
  const range = [...(start === undefined ? [] : ['-ss', start.toFixed(6)]), ...(end === undefined ? [] : ['-t', (end - (start ?? 0)).toFixed(6)])]
  return [...safeInput, ...range, '-i', `file:${path}`]
}

function soundOutput({ sampleRate, channels }: FilmSound): readonly string[] {
  return [...(sampleRate === undefined ? [] : ['-ar', String(sampleRate)]), ...(channels === undefined ? [] : ['-ac', String(channels)])]
}
