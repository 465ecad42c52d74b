import { FFmpegError, Filter, type FilterContext, FilterGraph, FilterInOut } from 'node-av/lib'

/** A chain of FFmpeg's filters with its two ends. */
export function linkGraph(
  sourceName: string,
  sourceArgs: string,
  filters: string,
  sinkName: string,
): { readonly graph: FilterGraph; readonly source: FilterContext; readonly sink: FilterContext } {
  const graph = new FilterGraph()
  graph.alloc()
  const source = graph.createFilter(Filter.getByName(sourceName)!, 'in', sourceArgs)
  const sink = graph.createFilter(Filter.getByName(sinkName)!, 'out')
  if (!source || !sink) throw new Error('its frames have a form that cannot be converted')
  const outputs = FilterInOut.createList([{ name: 'in', filterCtx: source, padIdx: 0 }])
  const inputs = FilterInOut.createList([{ name: 'out', filterCtx: sink, padIdx: 0 }])
  FFmpegError.throwIfError(graph.parsePtr(filters, inputs, outputs))
  FFmpegError.throwIfError(graph.configSync())
  return { graph, source, sink }
}
