export { type ImageOptions, imageOptions } from './image-options';
export { ImageProcessor, imageProcessor } from './image-processor';
export { PatchEmbedding } from './patch-embedding';
export { vision as default, vision } from './plugin';
export type { ImageProcessorType } from './preprocessing/image-processor-type';
export type { ImageSize } from './preprocessing/image-size';
export type { PreprocessorOptions } from './preprocessing/preprocessor-options';
export {
  PretrainedImageProcessor,
  type PretrainedImageProcessorSettings,
} from './preprocessing/pretrained-image-processor';
export type { Transparency } from './preprocessing/remove-alpha';
export type { PixelImage, RawImage } from './raw-image';
export { VisionTransformer, type VisionTransformerConfig } from './vision-transformer';
