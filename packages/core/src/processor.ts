import type { Augmentation, Augmentations } from './augmentation/augmentation';
import type { FeatureShape, Lengths } from './feature-shape';
import type { Features } from './features';
import type { RandomKey } from './random-key';
import type { TokenCodec } from './token-codec';

/** Whether a raw value is prepared for training, with a key for its augmentation, or for inference. */
export interface ProcessContext {
  readonly training: boolean;
  /** Present in training. A processor that does not augment ignores it. */
  readonly key?: RandomKey;
  /** False where samples may not name files by their paths, since strangers send them. Hand the context to {@link readSampleFile}. */
  readonly readFiles?: boolean;
  /** What is done to the values of the slot in training. Core sees to it, before {@link Processor.process} is given a value. */
  readonly augment?: readonly Augmentation[];
  /** Gives what `read` of a raw value gives, or gave before, where it is to be changed at random. By default it is read each time. */
  readonly recall?: (raw: unknown, read: () => unknown) => Promise<unknown>;
  /** Where a target is prepared: the features of the sample's modalities, by slot, of which it may say something. */
  readonly modalities?: Readonly<Record<string, Features>>;
}

/** The same of a whole sample. */
export interface PrepareContext extends Omit<ProcessContext, 'augment' | 'recall' | 'modalities'> {
  /** By slot. */
  readonly augment?: Augmentations;
  readonly recall?: (slot: string, raw: unknown, read: () => unknown) => Promise<unknown>;
}

/** Names of axes, by feature and axis. */
export type LengthAxes = Readonly<Record<string, Readonly<Record<number, string>>>>;

/** The features that each mask covers, by the name of the mask. */
export type FeatureMasks = Readonly<Record<string, readonly string[]>>;

/**
 * Turns the raw values of one modality into features. It makes no tensor of a backend, so it runs anywhere: in a data
 * worker, ahead of training, with a cache. One that learns from training data how to is a {@link LearningProcessor}, one that takes
 * documents an {@link InterleavingProcessor}.
 *
 * @typeParam Row the features of one value
 * @typeParam F   those of P rows, which an encoder is given as tensors. Both may be left out: then nothing is known of them
 */
export interface Processor<Raw = unknown, Row extends Features = Features, F extends Features = Features> {
  /**
   * The features of one raw value, without a batch axis.
   *
   * @throws SampleError if the value cannot be read, saying what was expected
   */
  process(raw: Raw, context: ProcessContext): Row | Promise<Row>;

  /**
   * A raw value as augmentations change it, which is a raw value too: a picture decoded to pixels, sound to samples at the rate that
   * features are made at. What augmentations leave is given to {@link process}. Left out where none can change values of the slot.
   *
   * @throws SampleError if the value cannot be read, saying what was expected
   */
  read?(raw: Raw, context: ProcessContext): Raw | Promise<Raw>;

  /**
   * Whether a raw value stands for none at all, as an empty list does where a sample may have several: it then lacks the modality.
   * `undefined` and `null` always do.
   */
  isAbsent?(raw: Raw): boolean;

  /**
   * The features of P rows, padded and stacked: every tensor (P, …), with the {@link masks} that the encoder needs. What is padded takes
   * no part, so that a row is encoded alike whatever it is padded to.
   *
   * @param lengths what is padded to them, by the names of {@link shape}; what is not named is as long as the longest row. See
   *   `commonLengths`
   * @throws ShapeError for rows that cannot share a batch, or one that is longer than asked
   * @throws UnknownNameError for a length that the features do not have
   */
  collate(rows: readonly Row[], lengths?: Lengths): F;

  /**
   * What decides the shapes that a row collates to: `{ fixed: [480, 640] }` or `{ lengths: { tokens: 32 } }`; `{}` where the
   * features of all values have one shape. Rows that agree in it collate to the same shapes and share a compiled program; a batch with
   * a document has the `placeFeatures` besides.
   */
  shape(features: Row): FeatureShape;

  /**
   * The axes of collated features that {@link shape}'s lengths decide, by feature and axis, where a program may leave them open:
   * `{ inputIds: { 1: 'tokens' }, mask: { 1: 'tokens' } }`. A compiling backend then builds one program for all lengths instead of
   * one for each. Left out where sizes inside the encoder are no polynomials of the lengths.
   */
  readonly lengthAxes?: LengthAxes;

  /**
   * The collated features that are masks, and what they cover: `{ mask: ['inputIds'] }`. A mask holds 1 where an element takes part
   * and 0 elsewhere, and its axes are the first of what it covers. What takes no part may be anything and changes nothing, which the
   * conformance kit checks. Left out where there is no mask. The `sequenceFeatures` may be named though not all rows have them.
   */
  readonly masks?: FeatureMasks;

  /**
   * Of the processor of a target, what it makes of a sample that has no such target: for a head that learns from the modalities
   * themselves and has to count what is in them, as in pre-training.
   *
   * @param modalities the features of the sample, by slot
   */
  derive?(modalities: Readonly<Record<string, Features>>): Features | undefined;

  /**
   * Of values that are sequences of tokens, how they are written: what a head goes by that writes such values, with the ids that the
   * slot's encoder knows.
   */
  readonly codec?: TokenCodec | undefined;

  /**
   * Has the features of texts say from now on where each token stands (`TokenPlaces`). The target of a head that points into texts calls
   * it, while it is made. Left out where that cannot be said.
   *
   * @throws ConfigError where the slot is of texts, and its tokenizer does not tell
   */
  locateTokens?(): void;

  /**
   * Has the features of pictures say from now on how their pixels lie in what the encoder is given (`PicturePlace`). The target of a head
   * that points into pictures calls it, while it is made. Left out where that cannot be said.
   */
  locatePixels?(): void;

  /**
   * What of a value the training data did not have, and what therefore says less than it seems to: a category that is not known, say. A
   * short phrase for each: `column "colour": "mauve"`. Left out, and empty, where there is no such thing.
   */
  unfamiliar?(raw: Raw): readonly string[];

  /**
   * How features follow from a value, as JSON, for programs that have no more than an exported model: what each number stands for. What
   * stands in the slot's options is left out.
   */
  describe?(): Readonly<Record<string, unknown>>;

  /** Files that belong to the processor (a vocabulary, say) and are saved with the model, by name. */
  files?(): Readonly<Record<string, Uint8Array>>;
}

/** What a processor collates to. */
export type FeaturesOf<P extends Processor> = ReturnType<P['collate']>;
