import { DocumentProblem } from '../document-problem.ts'

/** Far more than any document has. The parser's work for a tag grows with its depth. */
const maxDepth = 10_000

/** Throws DocumentProblem for a tag that stands too deep. */
export function checkDepth(depth: number): void {
  if (depth > maxDepth) throw new DocumentProblem('it is nested too deeply')
}
