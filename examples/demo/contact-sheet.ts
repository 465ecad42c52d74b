import sharp from 'sharp'

const side = 160
const captionHeight = 28
const gap = 8

/** Writes pictures beside each other into a PNG, the first one framed as the question. */
export async function contactSheet(path: string, pictures: readonly { readonly label: string; readonly bytes: Uint8Array | string }[]): Promise<void> {
  const cell = side + gap
  const tiles = await Promise.all(
    pictures.map(async ({ label, bytes }, index) => {
      const border = index === 0 ? 4 : 0
      const inner = side - 2 * border
      const frame = { top: border, bottom: border, left: border, right: border, background: '#d33' }
      return [
        { input: await sharp(bytes).resize(inner, inner, { fit: 'cover' }).extend(frame).png().toBuffer(), left: gap + index * cell, top: gap },
        { input: caption(label), left: gap + index * cell, top: gap + side },
      ]
    }),
  )
  await sharp({ create: { width: gap + pictures.length * cell, height: side + captionHeight + 2 * gap, channels: 3, background: '#fff' } })
    .composite(tiles.flat())
    .png()
    .toFile(path)
}

function caption(label: string): Buffer {
  const text = label.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return Buffer.from(
    `<svg width="${side}" height="${captionHeight}"><text x="${side / 2}" y="18" font-family="sans-serif" font-size="13" text-anchor="middle" fill="#222">${text}</text></svg>`,
  )
}
