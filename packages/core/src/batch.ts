import * as tf from '@tensorflow/tfjs-core';
import type { Features } from './features';
import type { Targets } from './sample';

/** The rows of a batch that have a modality, and their features. */
export interface ModalityBatch {
  /** (P) ascending positions in the batch of the rows that have the modality. */
  readonly rows: Int32Array;
  /** Each (P, …). */
  readonly features: Readonly<Record<string, tf.Tensor>>;
}

/**
 * B samples, ready for a model. Absence is structural: a modality lists only the rows that have it, and one that no
 * row has is not listed at all, so that there is no value which could leak.
 */
export interface Batch {
  readonly size: number;
  readonly modalities: Readonly<Record<string, ModalityBatch>>;
  /** Of each row. */
  readonly targets: readonly (Targets | undefined)[];
}

/** A {@link Batch} in host memory. */
export interface HostBatch {
  readonly size: number;
  readonly modalities: Readonly<Record<string, { readonly rows: Int32Array; readonly features: Features }>>;
  readonly targets: readonly (Targets | undefined)[];
}

/** Uploads a batch to the current backend. Free it with {@link disposeBatch}. */
export function uploadBatch(batch: HostBatch): Batch {
  const modalities = mapValues(batch.modalities, ({ rows, features }) => ({
    rows,
    features: mapValues(features, ({ data, shape }) =>
      tf.tensor(data, [...shape], data instanceof Int32Array ? 'int32' : 'float32'),
    ),
  }));
  return { size: batch.size, modalities, targets: batch.targets };
}

/** Frees the tensors of a batch. */
export function disposeBatch(batch: Batch): void {
  for (const { features } of Object.values(batch.modalities)) tf.dispose(Object.values(features));
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
