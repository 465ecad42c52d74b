import { connect, t } from 'vivant'
import { image } from 'vivant/image'

const pictureOf = (name: string) => new URL(`./images/${name}`, import.meta.url)

await using db = await connect('memory:') // or connect(): embedded in ./.vivant; or connect('postgres://…')

const pictures = await db
  .createTable('pictures', { title: t.text(), picture: t.image() })
  .addComputedColumn('thumb', (p) => image.resize(p.picture, { width: 128 }))
  .addComputedColumn('brightness', (p) => image.meanLuma(p.thumb))
  .addComputedColumn('dark', (p) => p.brightness.lt(60)) // virtual: PostgreSQL evaluates it
  .addEmbeddingIndex('picture', image.appearance())

await pictures.insert(
  ['sunset-1.jpg', 'sunset-2.jpg', 'sea-1.jpg', 'forest-1.jpg', 'city-night-1.jpg'].map((name) => ({ title: name, picture: pictureOf(name) })),
)
await db.settled() // or insert(rows, { wait: true })

const question = pictureOf('sunset-4.jpg')
const hits = await pictures
  .ready()
  .where((p) => p.dark.not())
  .orderBy((p) => p.picture.similarity(question), 'desc')
  .limit(2)
  .select((p) => ({ title: p.title, thumb: p.thumb, score: p.picture.similarity(question) }))
  .execute()

for (const hit of hits) console.log(hit.title, hit.score?.toFixed(2), await hit.thumb.url())
