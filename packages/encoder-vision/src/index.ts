export { type ImageOptions, imageOptions } from './image-options';
export { ImageProcessor, imageProcessor } from './image-processor';
export type { PositionInterpolation } from './interpolate-positions';
export { PatchEmbeddings, type PatchEmbeddingsConfig } from './patch-embeddings';
export { vision as default, vision } from './plugin';
export type { PixelImage, RawImage } from './raw-image';
export { VisionEncoder, type VisionLayer } from './vision-encoder';
export { VisionTransformer, type VisionTransformerConfig } from './vision-transformer';
