import { fromMarkdown } from 'mdast-util-from-markdown'
import type { Nodes, Root } from 'mdast'
import { type Heading, headingsIn } from '../../text/headings.ts'
import type { DocumentContent } from '../document-content.ts'

/** A syntax tree takes some hundred times the text's memory: of longer ones only lines that begin with `#` are looked at. */
const longest = 2_000_000

/** Markdown stays as it is written; its headings are those of CommonMark, also underlined ones, and none in code. */
export function parseMarkdown(text: string): DocumentContent {
  const headings = text.length > longest ? headingsIn(text) : headingsOf(fromMarkdown(text))
  const title = headings[0]?.level === 1 ? headings[0].text : null
  return { format: 'markdown', title, author: null, text, headings, pages: null }
}

function headingsOf(root: Root): readonly Heading[] {
  return root.children.flatMap((node) => {
    const offset = node.position?.start.offset
    return node.type === 'heading' && offset !== undefined ? [{ offset, level: node.depth, text: plainText(node).trim() }] : []
  })
}

function plainText(node: Nodes): string {
  if ('children' in node) return node.children.map(plainText).join('')
  return 'value' in node ? node.value : 'alt' in node ? (node.alt ?? '') : ''
}
