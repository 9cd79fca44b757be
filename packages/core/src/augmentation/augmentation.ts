import type { Features } from '../features';
import type { RandomKey } from '../random-key';

/** What every augmentation says of itself. */
interface AugmentationHeader {
  /** Its name, by which configs `use` it. */
  readonly use: string;
  /** Id of the modality whose values it changes. */
  readonly modality: string;
  /** How often it acts, of values or batches. */
  readonly probability: number;
  /** Its options, complete, as JSON: a run goes on with the same alone. */
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * Changes a value before features are made of it: a picture is cropped, a word left out. It is given what the `read` of the slot's
 * processor gives, and leaves that as it is.
 */
export interface ValueChange<Value = unknown> {
  changeValue(value: Value, key: RandomKey): Value | Promise<Value>;
}

/** Changes the features of one value: frames of a spectrogram are masked. Features before it can be kept, those behind it cannot. */
export interface FeatureChange {
  changeFeatures(features: Features, key: RandomKey): Features;
}

/** Mixes the rows of a batch, and with them what heads are to learn from these rows. */
export interface BatchChange {
  /**
   * @param features (P, …), as they were collated
   * @param partners (P) a permutation: which row each is mixed with
   */
  mix(features: Features, partners: Int32Array, key: RandomKey): MixedFeatures;
}

/** Features of which each row is mixed with another. */
export interface MixedFeatures {
  readonly features: Features;
  /** Of a row itself, the rest being of its partner: 0 to 1. Losses are mixed in the same way. */
  readonly share: number;
}

/** Changes values of one modality at random, in training alone. All that it draws is drawn from the key that it is given. */
export type Augmentation = AugmentationHeader & (ValueChange | FeatureChange | BatchChange);

/** One that acts on values before features are made of them. */
export type ValueAugmentation = AugmentationHeader & ValueChange;

/** One that acts on features. */
export type FeatureAugmentation = AugmentationHeader & FeatureChange;

/** One that acts on batches. */
export type BatchAugmentation = AugmentationHeader & BatchChange;

/** What is done to the values of each slot, in this order. */
export type Augmentations = Readonly<Record<string, readonly Augmentation[]>>;

export function changesValues(augmentation: Augmentation): augmentation is ValueAugmentation {
  return 'changeValue' in augmentation;
}

export function changesFeatures(augmentation: Augmentation): augmentation is FeatureAugmentation {
  return 'changeFeatures' in augmentation;
}

export function mixesBatches(augmentation: Augmentation): augmentation is BatchAugmentation {
  return 'mix' in augmentation;
}

/** The key of what an augmentation does this time; `undefined` if it does nothing. */
export function drawnKey({ probability }: Augmentation, key: RandomKey): RandomKey | undefined {
  const acts = probability === 1 || key.fold('whether').uniform(1)[0] < probability;
  return acts ? key.fold('how') : undefined;
}
