import type { Model, RandomKey } from '@polymodal/core';
import type { JudgedSamples } from '../data/judged-samples';
import type { ProgressBar } from '../progress';
import type { ParsedTrainOptions } from '../train-options';
import type { RunFolder } from './run-folder';
import type { Stage } from './stage';

/** What a run works with. */
export interface TrainingParts {
  readonly model: Model;
  readonly stages: readonly Stage[];
  readonly evaluation: JudgedSamples | undefined;
  /** What the model is tested on when all is over. */
  readonly test?: JudgedSamples | undefined;
  readonly folder: RunFolder | undefined;
  readonly key: RandomKey;
  readonly progress: ProgressBar;
  readonly options: ParsedTrainOptions;
}
