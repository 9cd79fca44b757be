import type { EpochRecord } from '@polymodal/trainer';

/** What one training came to, on the test data. */
export interface Figures {
  /** Accuracy on each of the seven subsets of the modalities, 0 to 1, under names such as `image+text`. */
  readonly accuracy: Readonly<Record<string, number>>;
  /** Recall@1 of each of the six directions, e.g. `image→text`: is the nearest one the same digit? */
  readonly retrieval: Readonly<Record<string, number>>;
  /** What happens when one modality shows another digit than the other two, by that modality. */
  readonly contradiction: Readonly<Record<string, Contradiction>>;
  readonly epochs: readonly EpochRecord[];
  /** Time of training. */
  readonly seconds: number;
}

/** What is held against the figures of the main model. */
export type RivalFigures = Pick<Figures, 'accuracy' | 'contradiction'>;

/** Whom the answers follow, as shares of the contradictory samples. */
export interface Contradiction {
  readonly followsTheTwo: number;
  readonly followsTheOne: number;
  readonly neither: number;
  /** Mean probability of the answer; low means that the model notices. */
  readonly confidence: number;
}
