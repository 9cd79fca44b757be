export { type ImageOptions, imageOptions } from './image-options';
export { ImageProcessor, imageProcessor } from './image-processor';
export { PatchEmbedding } from './patch-embedding';
export { vision as default, vision } from './plugin';
export type { PixelImage, RawImage } from './raw-image';
export { VisionTransformer, type VisionTransformerConfig } from './vision-transformer';
