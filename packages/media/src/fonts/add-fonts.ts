import { fileURLToPath } from 'node:url'
import { GlobalFonts } from '@napi-rs/canvas'

/** Families that are drawn with it: those that files and labels name, so that they look alike on every machine. */
const families = ['Helvetica', 'Arial', 'sans-serif']

let added = false

/** Makes Arimo, which has the widths of Helvetica and Arial, known to the canvas of this process. */
export function addFonts(): void {
  if (added) return
  added = true
  for (const face of ['400Regular', '700Bold', '400Regular_Italic', '700Bold_Italic']) {
    const path = fileURLToPath(import.meta.resolve(`@expo-google-fonts/arimo/${face}/Arimo_${face}.ttf`))
    for (const family of families) GlobalFonts.registerFromPath(path, family)
  }
}
