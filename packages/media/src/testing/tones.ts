const sampleRate = 48_000

export interface Tone {
  /** 0 is silence. */
  readonly hertz: number
  readonly seconds?: number
  /** Of the greatest sample, to 1. */
  readonly volume?: number
}

/** Tones one after the other, as a WAV file of one channel. */
export function tone(tones: readonly Tone[]): Buffer {
  const samples = tones.flatMap(({ hertz, seconds = 1, volume = 0.5 }) =>
    Array.from({ length: Math.round(seconds * sampleRate) }, (_, index) => Math.round(Math.sin((2 * Math.PI * hertz * index) / sampleRate) * volume * 32_767)),
  )
  const data = Buffer.from(Int16Array.from(samples).buffer)
  const header = Buffer.from('RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\0\0\0\0\0\0\0\0\x02\0\x10\0data\0\0\0\0', 'latin1')
  header.writeUInt32LE(36 + data.length, 4)
  header.writeUInt32LE(sampleRate, 24)
  header.writeUInt32LE(sampleRate * 2, 28)
  header.writeUInt32LE(data.length, 40)
  return Buffer.concat([header, data])
}
