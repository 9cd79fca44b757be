import { ConfigError, parseConfig } from '@polymodal/core';
import { z } from 'zod';
import { channelValues } from '../image-options';
import type { Kernel } from '../resampling-kernels';
import type { Tiling } from '../tiling-image-processor';
import {
  type ImageProcessorDefaults,
  type ImageProcessorType,
  imageProcessorDefaults,
  imageProcessorType,
} from './image-processor-type';
import { type ImageSize, imageSize, longestEdge, nameSize } from './image-size';

/** What a `preprocessor_config.json` asks for, with the defaults of its class. */
export interface PreprocessorOptions {
  /** Whether a file's one transparent colour becomes white. (Pictures become RGB in any case.) */
  readonly convertRgb: boolean;
  /** To this size; undefined if pictures keep their size. */
  readonly size: ImageSize | undefined;
  /** With which pictures are resized, to their size or to tiles. */
  readonly kernel: Kernel;
  /** To these sides; undefined if nothing is cut off. */
  readonly crop: readonly [height: number, width: number] | undefined;
  /** Into tiles, after that; undefined if a picture stays one. */
  readonly tiling: Tiling | undefined;
  /** What bytes are multiplied by; 1 if they are not rescaled. */
  readonly scale: number;
  /** Subtracted after that, of red, green and blue. */
  readonly mean: readonly number[];
  /** Divided by in the end. */
  readonly std: readonly number[];
}

const flag = z.boolean().nullish();
const perChannel = z.union([z.number(), z.array(z.number())]).nullish();
const passedOver = z.unknown().optional();

/** Options that change nothing here are passed over; others than these are refused by name. */
const preprocessorFile = z.strictObject({
  image_processor_type: z.string().nullish(),
  feature_extractor_type: z.string().nullish(),
  do_convert_rgb: flag,
  do_resize: flag,
  size: imageSize.nullish(),
  default_to_square: flag,
  /** Of Idefics: both sides, before `size`. */
  image_size: z.int().positive().nullish(),
  image_num_channels: z.literal(3).nullish(),
  resample: z.int().min(0).max(5).nullish(),
  do_center_crop: flag,
  crop_size: imageSize.nullish(),
  do_rescale: flag,
  rescale_factor: z.number().nullish(),
  do_normalize: flag,
  image_mean: perChannel,
  image_std: perChannel,
  /** Of classes that divide pictures into tiles. */
  do_image_splitting: flag,
  max_image_size: longestEdge.nullish(),
  do_pad: flag,
  pad_size: z.null().optional(),
  data_format: passedOver,
  input_data_format: passedOver,
  device: passedOver,
  return_tensors: passedOver,
  disable_grouping: passedOver,
  image_seq_length: passedOver,
  return_row_col_info: passedOver,
  video_sampling: passedOver,
  processor_class: passedOver,
  auto_map: passedOver,
  _valid_processor_keys: passedOver,
});

/** The numbers of Pillow's `Image.Resampling`. */
const kernelsByNumber: readonly Kernel[] = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'];

/**
 * Reads the content of a `preprocessor_config.json`.
 *
 * @param byDefault the class whose defaults hold in a file that names none, as the oldest do
 * @throws ConfigError for an option that is unknown or cannot be, and for a class other than those of
 *   {@link ImageProcessorType}
 */
export function parsePreprocessorOptions(content: unknown, byDefault?: ImageProcessorType): PreprocessorOptions {
  const file = parseConfig(preprocessorFile, content, '');
  const type = imageProcessorType(file.image_processor_type ?? file.feature_extractor_type ?? undefined, byDefault);
  const defaults = imageProcessorDefaults[type];
  const square = file.default_to_square ?? defaults.square;
  const size = file.image_size ?? file.size;
  const tiling = tilingOf(file, defaults);
  if (file.image_size != null && type !== 'IdeficsImageProcessor') throw onlyOfIdefics(type);
  const resizes = file.do_resize ?? true;
  const crops = file.do_center_crop ?? defaults.crop !== undefined;
  const normalizes = file.do_normalize ?? true;
  const std = normalizes ? channelValues(file.image_std ?? defaults.std, 3, 'image_std') : [1, 1, 1];
  if (std.some((value) => !(value > 0))) {
    throw new ConfigError({ where: 'image_std', expected: 'positive numbers', received: String(std) });
  }
  return {
    convertRgb: file.do_convert_rgb ?? defaults.convertRgb,
    size: resizes ? (size == null ? defaults.size : nameSize(size, square || file.image_size != null)) : undefined,
    kernel: file.resample == null ? defaults.kernel : kernelsByNumber[file.resample],
    tiling,
    crop: crops ? cropSides(file.crop_size == null ? defaults.crop : nameSize(file.crop_size, true)) : undefined,
    scale: (file.do_rescale ?? true) ? (file.rescale_factor ?? 1 / 255) : 1,
    mean: normalizes ? channelValues(file.image_mean ?? defaults.mean, 3, 'image_mean') : [0, 0, 0],
    std,
  };
}

function onlyOfIdefics(type: ImageProcessorType): ConfigError {
  return new ConfigError({
    where: 'image_size',
    expected: 'size, as only the image processor of Idefics has it',
    received: `one of ${type}`,
  });
}

/**
 * Into which tiles pictures go. What classes that divide none cannot be asked for is refused, and cutting out the middle of those that
 * divide. Whether tiles are padded to one size, makes no difference: they have it.
 */
function tilingOf(file: z.output<typeof preprocessorFile>, { tileSize }: ImageProcessorDefaults): Tiling | undefined {
  const isLongest = file.size != null && longestEdge.safeParse(file.size).success;
  const asked = {
    size: isLongest && 'the longer side alone',
    do_image_splitting: file.do_image_splitting != null && String(file.do_image_splitting),
    max_image_size: file.max_image_size != null && 'one',
    do_pad: file.do_pad === true && 'true',
  };
  const cropping = { do_center_crop: file.do_center_crop === true && 'true' };
  const [odd] = Object.entries(tileSize === undefined ? asked : cropping).filter(([, received]) => received);
  if (odd) {
    const expected =
      tileSize === undefined ? 'what a class that divides no pictures takes' : 'no cutting, beside tiles';
    throw new ConfigError({ where: odd[0], expected, received: String(odd[1]) });
  }
  if (tileSize === undefined) return undefined;
  return { tileSize: file.max_image_size?.longest_edge ?? tileSize, splits: file.do_image_splitting ?? true };
}

function cropSides(size: ImageSize | undefined): readonly [height: number, width: number] {
  if (size && 'height' in size) return [size.height, size.width];
  throw new ConfigError({
    where: 'crop_size',
    expected: 'a number, or a height and a width',
    received: size ? Object.keys(size).join(' and ') : 'none, where do_center_crop is true',
  });
}
