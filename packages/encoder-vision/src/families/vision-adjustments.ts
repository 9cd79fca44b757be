import { type Adjustment, keepsLayers, type PretrainedConfig, setsRate } from '@polymodal/hub';
import { z } from 'zod';
import type { ImageProcessorType } from '../preprocessing/image-processor-type';
import { resizesImages } from '../preprocessing/resizes-images';
import { sidesOption } from '../sides';

const rate = z.number().min(0).lt(1);

/** What the slot of a pretrained vision model may say beside `from`. */
export const visionOptions = {
  /**
   * Sides of the pictures that the model gets, or [height, width]. For another size than it was trained with, its positions are
   * interpolated, as in Python with `interpolate_pos_encoding=True`.
   */
  imageSize: sidesOption.optional(),
  /** How many layers are kept, the first ones. */
  numHiddenLayers: z.int().positive().optional(),
  /** Rate at which numbers between the layers are dropped in training. */
  hiddenDropout: rate.optional(),
  /** Rate at which attention weights are dropped in training. */
  attentionDropout: rate.optional(),
  /** Rate at which what a layer adds is dropped for a whole picture in training. */
  dropPath: rate.optional(),
};

/** What is peculiar to a family of vision models. */
interface VisionFamilyOptions {
  /** The class whose defaults hold for an image processor that names none. */
  readonly processor: ImageProcessorType;
  readonly patchSize: number;
  /** Whether it has layers of one kind, `num_hidden_layers` of them, 12 by default. */
  readonly hasLayers: boolean;
  /** The options of dropout; none where the family has no such. */
  readonly hiddenDropout?: string;
  readonly attentionDropout: string;
  readonly dropPath?: string;
}

/** The adjustments of a family of vision models. */
export function visionAdjustments(family: VisionFamilyOptions): Readonly<Record<string, Adjustment>> {
  return {
    imageSize: resizesImages(family.processor, family.patchSize),
    ...(family.hasLayers && { numHiddenLayers: keepsLayers('num_hidden_layers', 12, withoutBackbone) }),
    ...(family.hiddenDropout && { hiddenDropout: setsRate(family.hiddenDropout) }),
    attentionDropout: setsRate(family.attentionDropout),
    ...(family.dropPath && { dropPath: setsRate(family.dropPath) }),
  };
}

/** A backbone of a detector names its layers; Python refuses a config that names more than there are. */
function withoutBackbone(config: PretrainedConfig): Readonly<Record<string, undefined>> {
  const names = ['stage_names', 'out_features', 'out_indices', '_out_features', '_out_indices'];
  return Object.fromEntries(names.filter((name) => name in config).map((name) => [name, undefined]));
}
