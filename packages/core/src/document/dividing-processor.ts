import type { Features } from '../features';
import type { ProcessContext, Processor } from '../processor';

/**
 * A processor that may divide a value into several, each of which the encoder is given by itself: a picture of any size into tiles, with
 * the whole behind them. A slot with `several` takes these in its place, one after the other; one that takes a single value has what
 * {@link Processor.process} makes of the whole.
 *
 * In a document all of them stand at the place of the value: its host is told how many they are and how they lie, so that it can write
 * what a model was taught to read there.
 */
export interface DividingProcessor<Raw = unknown, Row extends Features = Features, F extends Features = Features>
  extends Processor<Raw, Row, F> {
  /** @throws SampleError if the value cannot be read, saying what was expected */
  divide(raw: Raw, context: ProcessContext): Divided<Row> | Promise<Divided<Row>>;
}

/** What a {@link DividingProcessor} makes of a value. */
export interface Divided<Row extends Features = Features> {
  /** The features of each, at least of one: those of the grid first, row by row, then those that show the whole. */
  readonly values: readonly Row[];
  readonly grid: Pieces['grid'];
}

/** How a value was divided. */
export interface Pieces {
  /** Into how many values. */
  readonly count: number;
  /** How many rows and columns the first of them are; 0 × 0 where all show the whole. */
  readonly grid: readonly [rows: number, columns: number];
}

/** Whether a processor divides values. */
export function isDividing(processor: Processor): processor is DividingProcessor {
  return typeof (processor as Partial<DividingProcessor>).divide === 'function';
}
