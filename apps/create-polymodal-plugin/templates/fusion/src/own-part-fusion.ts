import { type Batch, type Context, defineFusion, type Encoders, type Fused, Fusion } from '@polymodal/core';
import { encodeModalities } from '@polymodal/fusion';
import { dropout, Linear, placeRows } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';

const ownPartOptions = z.object({
  /** Rate of dropout on the joined vector. */
  hiddenDropout: z.number().min(0).lt(1).default(0.1),
});

/** Late fusion by the element-wise maximum of the vectors of those modalities that a row has, each projected to one width. */
export class OwnPartFusion extends Fusion {
  /** What heads may read beside tokens, mask and pooled vector. */
  override readonly offers = ['encoded', 'owner'] as const;
  readonly projections: Readonly<Record<string, Linear>>;

  constructor(
    readonly hiddenSize: number,
    readonly hiddenDropout: number,
    encoders: Encoders,
  ) {
    super();
    this.projections = Object.fromEntries(
      Object.entries(encoders).map(([slot, encoder]) => [slot, new Linear(encoder.pooledSize, hiddenSize)]),
    );
  }

  /** @throws MissingModalityError for a row that has none */
  forward(encoders: Encoders, batch: Batch, context: Context): Fused {
    const { size } = batch; // B
    const slots = Object.keys(encoders);
    const encoded = encodeModalities(encoders, batch, context); // of the M modalities that any row has
    const vectors = Object.entries(encoded).map(([slot, { pooled, rows }]) =>
      placeRows(this.projections[slot]!.forward(pooled), rows, size),
    );
    const presence = Object.values(encoded).map(({ rows }) => presenceOf(rows, size));
    const tokens = tf.stack(vectors, 1) as tf.Tensor3D; // (B, M, D)
    const mask = tf.stack(presence, 1) as tf.Tensor2D; // (B, M)
    const indices = tf.tensor1d(Object.keys(encoded).map((slot) => slots.indexOf(slot)));
    const map = tf.cast(tf.sub<tf.Tensor2D>(tf.mul(mask, tf.add(indices, 1)), 1), 'int32'); // −1 where there is none
    const pooled = dropout(maskedMaximum(tokens, mask), this.hiddenDropout, context, this);
    return { tokens, mask, pooled, encoded, owner: { map, slots } };
  }
}

/** The fusion `own-part`. */
export const ownPartFusion = defineFusion({
  name: 'own-part',
  config: ownPartOptions,
  create: ({ hiddenDropout }, { hiddenSize, encoders }) => new OwnPartFusion(hiddenSize, hiddenDropout, encoders),
});

/** 1 for each row of the batch that is among those: (B). */
function presenceOf(rows: Int32Array, size: number): tf.Tensor1D {
  const presence = new Float32Array(size);
  for (const row of rows) presence[row] = 1;
  return tf.tensor1d(presence);
}

/** The largest of the tokens that take part, number by number: (B, M, D), (B, M) → (B, D). */
function maskedMaximum(tokens: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor2D {
  const takesPart = tf.cast(tf.expandDims(mask, 2), 'bool'); // (B, M, 1)
  return tf.max(tf.where(takesPart, tokens, tf.fill(tokens.shape, Number.NEGATIVE_INFINITY)), 1);
}
