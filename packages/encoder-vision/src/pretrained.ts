export { visionFamilies } from './families';
export { blipVision } from './families/blip-vision';
export { BlipVisionEncoder, type BlipVisionEncoderConfig } from './families/blip-vision/blip-vision-encoder';
export { clipVision } from './families/clip-vision';
export { ClipVisionEncoder, type ClipVisionEncoderConfig } from './families/clip-vision/clip-vision-encoder';
export { dinov2 } from './families/dinov2';
export { Dinov2Encoder, type Dinov2EncoderConfig } from './families/dinov2/dinov2-encoder';
export { idefics3Vision } from './families/idefics3-vision';
export { siglipVision } from './families/siglip-vision';
export { SiglipVisionEncoder, type SiglipVisionEncoderConfig } from './families/siglip-vision/siglip-vision-encoder';
export { swin } from './families/swin';
export { SwinEncoder, type SwinEncoderConfig } from './families/swin/swin-encoder';
export { vit } from './families/vit';
export type { ImageProcessorType } from './preprocessing/image-processor-type';
export {
  type PretrainedImageProcessorSettings,
  pretrainedImageProcessor,
} from './preprocessing/pretrained-image-processor';
export { pretrainedImage, pretrainedImage as default, pretrainedImageEncoder } from './pretrained-image';
export { type Tiling, TilingImageProcessor } from './tiling-image-processor';
