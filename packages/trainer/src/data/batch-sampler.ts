import type { BatchLengths, SampleShape } from './sample-shape';

/** A batch to be made: which samples, and which of their modalities. */
export interface PlannedBatch {
  readonly indices: readonly number[];
  readonly modalities: readonly string[];
  /** Where samples share rows, how many there are in each: the first so many of the indices, and so on. */
  readonly rowSizes?: readonly number[];
}

/** What says which samples of a source share a batch. */
export interface BatchSampler {
  /** The same in every epoch. */
  readonly batchesPerEpoch: number;
  /** The batches of an epoch, in their order. They follow from the number of the epoch alone. */
  epoch(epoch: number): PlannedBatch[];
  /**
   * What a batch is padded to.
   *
   * @param shapes of its rows, as they have become
   */
  lengths(batch: PlannedBatch, shapes: readonly SampleShape[]): BatchLengths;
}
