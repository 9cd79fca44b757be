import { suggestNames, UnknownNameError } from '@polymodal/core';
import type { Kernel } from '../resampling-kernels';
import type { ImageSize } from './image-size';

/** Image processors of transformers, by the names of their classes. DINOv2 uses BiT's, Swin ViT's. */
export type ImageProcessorType =
  | 'ViTImageProcessor'
  | 'CLIPImageProcessor'
  | 'SiglipImageProcessor'
  | 'BitImageProcessor'
  | 'BlipImageProcessor'
  | 'IdeficsImageProcessor'
  | 'Idefics3ImageProcessor'
  | 'SmolVLMImageProcessor';

/** What a class does where its file says nothing. */
export interface ImageProcessorDefaults {
  readonly convertRgb: boolean;
  readonly size: ImageSize;
  /** Whether a size of one number is that of both sides, or of the shorter one. */
  readonly square: boolean;
  readonly kernel: Kernel;
  readonly crop?: ImageSize;
  /** Pixels a side of the tiles that pictures are divided into. */
  readonly tileSize?: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

const square = { height: 224, width: 224 };
const large = { height: 384, width: 384 };
const half = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };
const openAi = { mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711] };
const tiled = {
  convertRgb: true,
  size: { longest_edge: 4 * 364 },
  square: false,
  kernel: 'lanczos',
  tileSize: 364,
} as const;
const middle = { size: { shortest_edge: 224 }, square: false, kernel: 'bicubic', crop: square } as const;

export const imageProcessorDefaults: Readonly<Record<ImageProcessorType, ImageProcessorDefaults>> = {
  ViTImageProcessor: { convertRgb: false, size: square, square: true, kernel: 'bilinear', ...half },
  CLIPImageProcessor: { convertRgb: true, ...middle, ...openAi },
  SiglipImageProcessor: { convertRgb: true, size: square, square: false, kernel: 'bicubic', ...half },
  BitImageProcessor: { convertRgb: true, ...middle, ...openAi },
  BlipImageProcessor: { convertRgb: true, size: large, square: true, kernel: 'bicubic', ...openAi },
  Idefics3ImageProcessor: { ...tiled, ...half },
  SmolVLMImageProcessor: { ...tiled, ...half },
  IdeficsImageProcessor: { convertRgb: true, size: square, square: true, kernel: 'bicubic', ...openAi },
};

/**
 * The type that a file names, also by the names that it had (`CLIPFeatureExtractor`) or has for another backend
 * (`CLIPImageProcessorFast`).
 *
 * @throws UnknownNameError
 */
export function imageProcessorType(
  name: string | undefined,
  byDefault: ImageProcessorType | undefined,
): ImageProcessorType {
  const type = name?.replace(/(Fast|Pil)$/, '').replace(/FeatureExtractor$/, 'ImageProcessor') ?? byDefault;
  if (type !== undefined && Object.hasOwn(imageProcessorDefaults, type)) return type as ImageProcessorType;
  throw new UnknownNameError({
    where: 'image_processor_type',
    expected: 'the class of an image processor that is implemented',
    received: type === undefined ? 'none' : `"${name}"`,
    hint: suggestNames(name ?? '', Object.keys(imageProcessorDefaults)),
  });
}
