import { Parser } from 'htmlparser2'
import { checkDepth } from './check-depth.ts'

export interface XmlHandler {
  readonly open?: (name: string, attributes: Readonly<Record<string, string>>) => void
  readonly close?: (name: string) => void
  readonly text?: (text: string) => void
}

/** Reads XML as a stream of tags. No document type is followed, so no entity can grow or name a file. */
export function readXml(xml: Uint8Array, handler: XmlHandler): void {
  const { open = ignore, close = ignore, text = ignore } = handler
  let depth = 0
  const parser = new Parser(
    {
      onopentag: (name, attributes) => {
        checkDepth(++depth)
        open(name, attributes)
      },
      onclosetag: (name) => {
        depth--
        close(name)
      },
      ontext: text,
    },
    { xmlMode: true, decodeEntities: true },
  )
  const decoder = new TextDecoder(encodingOf(xml))
  for (let offset = 0; offset < xml.byteLength; offset += pieceBytes) parser.write(decoder.decode(xml.subarray(offset, offset + pieceBytes), { stream: true }))
  parser.write(decoder.decode())
  parser.end()
}

function ignore(): void {}

const pieceBytes = 64 * 1024

function encodingOf(xml: Uint8Array): string {
  if (xml[0] === 0xff && xml[1] === 0xfe) return 'utf-16le'
  return xml[0] === 0xfe && xml[1] === 0xff ? 'utf-16be' : 'utf-8'
}
