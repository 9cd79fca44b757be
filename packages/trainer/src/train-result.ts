import type { Model } from '@polymodal/core';
import type { TokenCount } from './data/token-count';
import type { SubsetFigures } from './evaluation/evaluate';
import type { ModelFigures } from './evaluation/evaluate-heads';
import type { BestEpoch } from './run/best-epoch';
import type { EpochRecord } from './run/epoch-record';

/** What training came to. */
export interface TrainResult {
  /** `'interrupted'` if the signal stopped it: with a folder, the same call resumes it. */
  readonly status: 'finished' | 'interrupted';
  readonly model: Model;
  readonly epochs: readonly EpochRecord[];
  /** The epoch whose parameters the model has, where `best` was asked for and training finished. */
  readonly best?: BestEpoch;
  /** All that were kept, that one first; in a folder each as a model: `best/epoch-7`. */
  readonly kept?: readonly BestEpoch[];
  /** Whether the model is the mean of these. */
  readonly isMean?: boolean;
  readonly steps: number;
  /** Time of training, without interruptions. */
  readonly seconds: number;
  /** Of all epochs that are over: what was computed for padding, and what random batches would have cost. */
  readonly tokens: TokenCount;
  /** Figures on every subset of the modalities, if there are evaluation samples and training finished. */
  readonly subsets?: SubsetFigures;
  /** Figures on the samples of `test`, if there are any and training finished. */
  readonly test?: ModelFigures;
}
