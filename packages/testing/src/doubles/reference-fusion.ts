import {
  type Batch,
  type Context,
  defineFusion,
  type EncodedTokens,
  type Encoders,
  type Fused,
  type FusedPart,
  Fusion,
  SampleError,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { Linear } from './linear';
import { meanOfValid } from './reference-encoder';

/**
 * The smallest fusion that keeps every invariant: tokens side by side, a modality that a row lacks masked, one linear
 * map, and the mean of what takes part as pooled vector. It stands in for real fusions where a head is tested.
 */
export class ReferenceFusion extends Fusion {
  override readonly offers: readonly FusedPart[] = ['encoded', 'owner'];
  readonly hiddenSize: number;
  readonly projections: Readonly<Record<string, Linear>>;

  constructor(hiddenSize: number, encoders: Encoders) {
    super();
    this.hiddenSize = hiddenSize;
    this.projections = Object.fromEntries(
      Object.entries(encoders).map(([modality, encoder]) => [modality, new Linear(encoder.hiddenSize, hiddenSize)]),
    );
  }

  forward(encoders: Encoders, batch: Batch, context: Context): Fused {
    checkRows(batch);
    const encoded: Record<string, EncodedTokens> = {};
    const owners: tf.Tensor2D[] = [];
    const slots = Object.keys(encoders);
    const tokens: tf.Tensor3D[] = [];
    const masks: tf.Tensor2D[] = [];
    for (const [modality, encoder] of Object.entries(encoders)) {
      const input = batch.modalities[modality];
      if (!input) continue;
      encoded[modality] = encoder.encode(input, context);
      tokens.push(placeRows(this.projections[modality].forward(encoded[modality].tokens), input.rows, batch.size));
      masks.push(placeRows(encoded[modality].mask, input.rows, batch.size));
      owners.push(tf.mul(masks.at(-1)!, 1 + slots.indexOf(modality)));
    }
    const joined = tf.concat(tokens, 1); // (B, N, D)
    const mask = tf.concat(masks, 1); // (B, N)
    const map = tf.cast(tf.sub(tf.concat(owners, 1), 1), 'int32') as tf.Tensor2D; // (B, N)
    return { tokens: joined, mask, pooled: meanOfValid(joined, mask), encoded, owner: { map, slots } };
  }
}

/** P rows at their positions in a batch of B, zeros elsewhere: (P, …) → (B, …). */
export function placeRows<T extends tf.Tensor>(present: T, rows: Int32Array, size: number): T {
  const [count, ...rest] = present.shape;
  const sources = new Int32Array(size).fill(count); // the row of zeros behind the present ones
  rows.forEach((row, index) => {
    sources[row] = index;
  });
  return tf.gather(tf.concat([present, tf.zeros([1, ...rest])]), tf.tensor1d(sources, 'int32')) as T;
}

/** Refuses a batch with a row that has no modality. */
export function checkRows({ size, modalities }: Batch): void {
  const present = new Set(Object.values(modalities).flatMap(({ rows }) => [...rows]));
  const empty = Array.from({ length: size }, (_, row) => row).find((row) => !present.has(row));
  if (empty === undefined) return;
  throw new SampleError({ where: `row ${empty}`, expected: 'at least one modality', received: 'none' });
}

/** A {@link ReferenceFusion} for configs to `use`. */
export const referenceFusion = defineFusion({
  name: 'reference',
  config: z.object({}),
  create: (_, { hiddenSize, encoders }) => new ReferenceFusion(hiddenSize, encoders),
});
