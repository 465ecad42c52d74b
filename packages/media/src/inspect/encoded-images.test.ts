import { expect, test } from 'vitest'
import { resizeImage } from '../image/resize-image.ts'
import { drawing } from '../testing/pictures.ts'
import { inspectMedia } from './inspect-media.ts'

const source = await drawing(200, 150).jpeg().toBuffer()

test('a picture that was just encoded is described as when it is decoded', async () => {
  const encoded = await resizeImage(source, { width: 100, format: 'webp' })
  expect(await inspectMedia(encoded, 'image')).toEqual(await inspectMedia(Buffer.from(encoded), 'image'))
})

test('one whose bytes were changed since is decoded, and refused', async () => {
  const encoded = await resizeImage(source, { width: 100, format: 'png' })
  encoded.fill(0, 200, 240)
  await expect(inspectMedia(encoded, 'image')).rejects.toMatchObject({ code: 'MEDIA_INVALID' })
})
