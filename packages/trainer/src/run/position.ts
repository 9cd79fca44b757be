import type { SourcePositions } from '../data/stage-batches';
import type { BalanceState } from '../weighing/loss-balance';
import type { KeptModel } from './best-models';
import { type EpochRecord, type EpochTotals, noTotals } from './epoch-record';
import { type MetricsMark, noMetrics } from './metrics-log';
import { noTime, type StepTime } from './step-time';

/** Where training stands, apart from parameters and moments. Randomness needs no state: it follows from these numbers. */
export interface Position {
  /** The stage that the last step was of, from 0. One that is over stays until the first step of the next. */
  readonly stage: number;
  /** Steps taken in all stages. */
  readonly step: number;
  /** Epochs that are over, in all stages. */
  readonly epoch: number;
  /** Where each source of the run stands. */
  readonly sources: SourcePositions;
  /** Of the epoch that is not over. */
  readonly totals: EpochTotals;
  /** Of the epoch that is not over. */
  readonly time: StepTime;
  readonly history: readonly EpochRecord[];
  /** Models of epochs that were among the best, where these are asked for. */
  readonly kept: readonly KeptModel[];
  /** What the stage has learned of how losses are to be weighed, where they are balanced. */
  readonly balance: BalanceState;
  /** Seconds of training so far. */
  readonly seconds: number;
  readonly metrics: MetricsMark;
  /** How long the file of events for TensorBoard is. */
  readonly eventBytes: number;
}

/** Before the first step. */
export function startOf(sources: Iterable<string>): Position {
  return {
    stage: 0,
    step: 0,
    epoch: 0,
    sources: Object.fromEntries([...sources].map((name) => [name, { epoch: 0, batch: 0 }])),
    totals: noTotals,
    time: noTime,
    history: [],
    kept: [],
    balance: {},
    seconds: 0,
    metrics: noMetrics,
    eventBytes: 0,
  };
}
