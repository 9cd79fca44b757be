import type { AdamW } from './optimizers/adamw';
import type { WeightAverage } from './optimizers/weight-average';

/** What changes with each step beside the parameters. */
export interface Learner {
  readonly optimizer: AdamW;
  /** Of the weights, where it is asked for. */
  readonly average?: WeightAverage | undefined;
}
