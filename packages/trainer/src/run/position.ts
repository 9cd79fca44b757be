import { type EpochRecord, type EpochTotals, noTotals } from './epoch-record';
import { type MetricsMark, noMetrics } from './metrics-log';

/** Where training stands, apart from parameters and moments. Randomness needs no state: it follows from these numbers. */
export interface Position {
  /** Steps taken. */
  readonly step: number;
  /** Epoch and batch in it that come next, from 0. */
  readonly epoch: number;
  readonly batch: number;
  readonly totals: EpochTotals;
  readonly history: readonly EpochRecord[];
  /** Seconds of training so far. */
  readonly seconds: number;
  readonly metrics: MetricsMark;
}

/** Before the first step. */
export const start: Position = {
  step: 0,
  epoch: 0,
  batch: 0,
  totals: noTotals,
  history: [],
  seconds: 0,
  metrics: noMetrics,
};
