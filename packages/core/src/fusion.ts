import type { Batch } from './batch';
import type { Context } from './context';
import type { Encoder } from './encoder';
import { Module } from './module';
import type { Fused } from './tokens';

/** The encoders of a model by slot name, in the order of its config. */
export type Encoders = Readonly<Record<string, Encoder>>;

/**
 * Joins the modalities of a batch into one representation a row, whichever of them the row has.
 *
 * A fusion drives the encoders, so early, mid and late fusion are one contract: early fusion calls only `embed`, mid
 * fusion interleaves `layer(i)` with cross-attention, late fusion calls `encode` and joins the results.
 */
export abstract class Fusion extends Module {
  /** Width D of the fused tokens. */
  abstract readonly hiddenSize: number;

  /**
   * @param encoders all encoders of the model; only those whose modality is in the batch are run
   * @param batch B rows, each with at least one modality
   */
  abstract forward(encoders: Encoders, batch: Batch, context: Context): Fused;
}
