import { isVivantError } from '@vivant/core'
import { expect, test } from 'vitest'
import { convertImage } from '../image/convert-image.ts'
import { mutate, seeded } from '../testing/mutate.ts'
import { drawing } from '../testing/pictures.ts'
import { inspectMedia } from './inspect-media.ts'

const perFormat = 70
const formats = ['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'] as const
const texts = [
  '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><circle cx="9" cy="9" r="8" fill="red"/></svg>',
  '%PDF-1.4\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n',
]

test(`${perFormat * (formats.length + texts.length)} mutated files: each is refused with a VivantError, or is good`, async () => {
  const random = seeded(20_261_121)
  const good = await Promise.all([...formats.map((format) => drawing(64, 48).toFormat(format).toBuffer()), ...texts.map(async (text) => Buffer.from(text))])
  let refused = 0
  let accepted = 0
  for (const bytes of good) {
    for (let round = 0; round < perFormat; round++) {
      const mutated = mutate(bytes, random)
      for (const kind of ['image', 'document', 'file'] as const) {
        const error = await inspectMedia(mutated, kind).then(() => null, identity)
        if (error !== null && !isVivantError(error)) throw new Error('not one of ours', { cause: error })
        if (kind !== 'image') continue
        if (error === null) accepted++
        else refused++
        const processed = await convertImage(mutated, { format: 'png' }).then(() => null, identity)
        if (processed !== null && !isVivantError(processed)) throw new Error('not one of ours', { cause: processed })
      }
    }
  }
  expect(refused).toBeGreaterThan(100)
  expect(accepted).toBeGreaterThan(50)
}, 120_000)

function identity(error: unknown): unknown {
  return error
}
