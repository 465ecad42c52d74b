import type { ResizeOptions, Sharp } from 'sharp'

/** A picture with at most about so many pixels, in its shape; itself if it has fewer. */
export async function smallPicture(picture: Sharp, maxPixels: number, kernel: NonNullable<ResizeOptions['kernel']>): Promise<Sharp> {
  const { width, height } = (await picture.metadata()).autoOrient
  const scale = Math.sqrt(maxPixels / (width * height))
  if (scale >= 1) return picture
  return picture.resize({ width: Math.max(1, Math.floor(width * scale)), height: Math.max(1, Math.floor(height * scale)), fit: 'fill', kernel })
}
