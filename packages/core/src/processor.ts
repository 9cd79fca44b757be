import type { Features } from './features';
import type { RandomKey } from './random-key';

/** Whether a raw value is prepared for training, with a key for its augmentation, or for inference. */
export interface ProcessContext {
  readonly training: boolean;
  /** Present in training. A processor that does not augment ignores it. */
  readonly key?: RandomKey;
  /** False where samples may not name files by their paths, since strangers send them. Hand the context to {@link readSampleFile}. */
  readonly readFiles?: boolean;
}

/** Names of axes, by feature and axis. */
export type LengthAxes = Readonly<Record<string, Readonly<Record<number, string>>>>;

/**
 * Turns the raw values of one modality into features. It makes no tensor of a backend, so it runs anywhere: in a data
 * worker, ahead of training, with a cache.
 */
export interface Processor<Raw = unknown> {
  /**
   * The features of one raw value, without a batch axis.
   *
   * @throws SampleError if the value cannot be read, saying what was expected
   */
  process(raw: Raw, context: ProcessContext): Features | Promise<Features>;

  /** The features of P rows, padded and stacked: every tensor (P, …), with the masks that the encoder needs. */
  collate(rows: readonly Features[]): Features;

  /**
   * The length bucket that a row falls into. Rows of one bucket collate to the same shapes, so batches of one bucket
   * share a compiled program. A processor whose features all have one shape leaves this out.
   */
  bucket?(features: Features): number;

  /**
   * Names of those axes of collated features whose length differs from batch to batch, by feature and axis:
   * `{ inputIds: { 1: 'length' }, mask: { 1: 'length' } }`. Axes of one name are equally long. With it a compiling backend builds
   * one program for all lengths instead of one for each.
   */
  readonly lengthAxes?: LengthAxes;

  /** Files that belong to the processor (a vocabulary, say) and are saved with the model, by name. */
  files?(): Readonly<Record<string, Uint8Array>>;
}
