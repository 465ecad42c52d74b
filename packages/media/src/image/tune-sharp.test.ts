import sharp from 'sharp'
import { afterEach, expect, test } from 'vitest'
import { resizeImage } from './resize-image.ts'
import { tuneSharp } from './tune-sharp.ts'
import { drawing } from '../testing/pictures.ts'

const before = { threads: sharp.concurrency(), memory: sharp.cache().memory.max }

afterEach(() => {
  sharp.concurrency(before.threads)
  sharp.cache(true)
})

test('processing a picture leaves the settings of the process alone; tuneSharp sets them', async () => {
  sharp.concurrency(3)
  await resizeImage(await drawing().png().toBuffer(), { width: 10 })
  expect(sharp.concurrency()).toBe(3)
  expect(sharp.cache().memory.max).toBe(before.memory)
  tuneSharp()
  expect(sharp.concurrency()).toBe(1)
  expect(sharp.cache().memory.max).toBe(0)
})
