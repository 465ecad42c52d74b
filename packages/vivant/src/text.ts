export { type Segment, type SegmentOptions, type SegmentUnit, segments, type SegmentsIterator } from './text/segments.ts'
