export { type Segment, type SegmentOptions, type SegmentUnit, segments, type SegmentsIterator } from '@vivant/media'
