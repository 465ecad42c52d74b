import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { tuneSharp } from '@vivant/media'
import { connect, t } from 'vivant'
import { image } from 'vivant/image'
import { freshDatabase, secondsOf, type Scenario } from '../scenario.ts'

const count = 1000
const rounds = 3

/** Thumbnails of 1,000 JPEG files of 1280 × 720: a column of a table, beside a loop over the files that writes them into a folder with sharp alone. */
export const thumbnails: Scenario = {
  name: 'thumbnails',
  run: async (serverUrl) => {
    tuneSharp()
    const folder = await mkdtemp(join(tmpdir(), 'vivant-bench-'))
    try {
      const paths = await writePictures(folder)
      await using database = await freshDatabase(serverUrl)
      await using db = await connect(database.url, { worker: true, media: { store: join(folder, 'store') } })
      const pictures = await db.createTable('pictures', { picture: t.image() })
      await pictures.insert(paths.map((picture) => ({ picture })))
      await db.settled()
      const [ours, bare]: [number[], number[]] = [[], []]
      for (let round = 0; round < rounds; round++) {
        bare.push(await secondsOf(() => bareThumbnails(paths, folder, round)))
        ours.push(
          await secondsOf(async () => {
            await pictures.addComputedColumn(`thumb_${round}`, (row) => image.thumbnail(row.picture, { size: 256 - round }))
            await db.settled()
          }),
        )
      }
      const [best, bestBare] = [Math.min(...ours), Math.min(...bare)]
      return [
        {
          work: `thumbnails of ${count} pictures of 720p, stored`,
          budget: '≥ 0.9 × bare sharp',
          measured: `${Math.round(count / best)}/s`,
          bare: `${Math.round(count / bestBare)}/s`,
          ratio: bestBare / best,
        },
      ]
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
}

/** Each with a comment of its own, so that none is found to be there already. */
async function writePictures(folder: string): Promise<readonly string[]> {
  const svg = (hue: number): string =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="1280" height="720"><defs><filter id="n"><feTurbulence baseFrequency="0.02" numOctaves="3" seed="${hue}"/></filter></defs><rect width="1280" height="720" fill="hsl(${hue},60%,50%)"/><rect width="1280" height="720" filter="url(#n)" opacity="0.6"/></svg>`
  const bases = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      sharp(Buffer.from(svg(index * 36)))
        .flatten()
        .jpeg()
        .toBuffer(),
    ),
  )
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const base = bases[index % bases.length]!
      const comment = Buffer.from(String(index).padStart(6, '0'))
      const path = join(folder, `${index}.jpg`)
      await writeFile(path, Buffer.concat([base.subarray(0, 2), Buffer.from([0xff, 0xfe, 0, comment.length + 2]), comment, base.subarray(2)]))
      return path
    }),
  )
}

async function bareThumbnails(paths: readonly string[], folder: string, round: number): Promise<void> {
  const rest = paths.entries()
  const lane = async (): Promise<void> => {
    for (const [index, path] of rest) {
      const picture = sharp(await readFile(path), { failOn: 'warning', sequentialRead: true }).autoOrient()
      const thumbnail = await picture
        .resize({ width: 256 - round, height: 256 - round, fit: 'inside', withoutEnlargement: true })
        .webp()
        .toBuffer()
      await writeFile(join(folder, `${index}-${round}.webp`), thumbnail)
    }
  }
  await Promise.all(Array.from({ length: 2 * availableParallelism() }, lane))
  const written = (await readdir(folder)).filter((name) => name.endsWith(`-${round}.webp`)).length
  if (written !== paths.length) throw new Error(`${written} thumbnails instead of ${paths.length}`)
}
