import type { StepFigures } from '../step-figures';

/** What a step came to, as a line of `metrics.jsonl` says it. */
export interface StepRecord extends StepFigures {
  /** The name of its stage, in a run of stages. */
  readonly stage?: string;
  readonly step: number;
  /** How many there will be at most. */
  readonly totalSteps: number;
  readonly epoch: number;
  readonly learningRate: number;
  /** What the loss of each head counted for, where that changes. */
  readonly lossWeights?: Readonly<Record<string, number>>;
  readonly pace: {
    readonly samplesPerSecond: number;
    /** Which share of the step's time, from 0 to 1, went by in waiting for data. */
    readonly dataWait: number;
    /** Seconds since the beginning of training, without interruptions. */
    readonly seconds: number;
    /** Bytes that the process has in memory. */
    readonly memory: number;
  };
}
