export {
  type ConvertOptions,
  type CropOptions,
  image,
  type ImageFormat,
  type ImageMetadata,
  type ImageMetadataType,
  type OutputOptions,
  type ResizeOptions,
  type RotateOptions,
  type ThumbnailOptions,
} from '@vivant/media'
