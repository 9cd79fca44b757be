import { type Adjustment, keepsLayers, setsFlag, setsRate } from '@polymodal/hub';
import { z } from 'zod';
import { cutsRecordings, seconds } from '../preprocessing/cuts-recordings';

const rate = z.number().min(0).lt(1);

/** What the slot of a pretrained audio model may say beside `from`. */
export const audioOptions = {
  /** Most seconds of a recording; the rest of a longer one is cut off. */
  maxLength: seconds.optional(),
  /** How many layers are kept, the first ones. */
  numHiddenLayers: z.int().positive().optional(),
  /** Rate at which numbers between the layers are dropped in training. */
  hiddenDropout: rate.optional(),
  /** Rate at which attention weights are dropped in training. */
  attentionDropout: rate.optional(),
  /** Rate at which numbers within the feed-forward networks are dropped in training. */
  activationDropout: rate.optional(),
  /** Rate at which whole layers are left out in training. */
  layerDropout: rate.optional(),
  /** Rate at which what a layer adds is dropped for a whole recording in training. */
  dropPath: rate.optional(),
  /** Whether spans of frames and features are masked in training (SpecAugment). */
  specAugment: z.boolean().optional(),
  /** Share of the frames that is masked. */
  maskTimeProb: rate.optional(),
  /** Share of the features that is masked. */
  maskFeatureProb: rate.optional(),
};

/** What is peculiar to a family of audio models: names of options in config.json, where it has such. */
interface AudioFamilyOptions {
  readonly numHiddenLayers?: Adjustment;
  readonly hiddenDropout: string;
  readonly attentionDropout: string;
  readonly activationDropout?: string;
  readonly layerDropout?: string;
  readonly dropPath?: string;
  /** Whether it has SpecAugment. */
  readonly masks?: boolean;
}

/** The adjustments of a family of audio models. */
export function audioAdjustments(family: AudioFamilyOptions): Readonly<Record<string, Adjustment>> {
  return {
    maxLength: cutsRecordings,
    ...(family.numHiddenLayers && { numHiddenLayers: family.numHiddenLayers }),
    hiddenDropout: setsRate(family.hiddenDropout),
    attentionDropout: setsRate(family.attentionDropout),
    ...(family.activationDropout && { activationDropout: setsRate(family.activationDropout) }),
    ...(family.layerDropout && { layerDropout: setsRate(family.layerDropout) }),
    ...(family.dropPath && { dropPath: setsRate(family.dropPath) }),
    ...(family.masks && {
      specAugment: setsFlag('apply_spec_augment'),
      maskTimeProb: setsRate('mask_time_prob'),
      maskFeatureProb: setsRate('mask_feature_prob'),
    }),
  };
}

/** Of the models whose layers are `num_hidden_layers`. */
export const keepsPlainLayers = keepsLayers('num_hidden_layers', 12);

/** Of wav2vec 2.0 and HuBERT. */
export const speechAdjustments = audioAdjustments({
  numHiddenLayers: keepsPlainLayers,
  hiddenDropout: 'hidden_dropout',
  attentionDropout: 'attention_dropout',
  activationDropout: 'activation_dropout',
  layerDropout: 'layerdrop',
  masks: true,
});
