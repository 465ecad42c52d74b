export { type FrameItem, frameIterator, type FrameIterator, type FrameOptions } from '@vivant/media'
