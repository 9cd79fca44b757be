import { type EncodedTokens, type Encoders, type Fused, Module } from '@polymodal/core';
import { Linear, placeRows } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { ownersSideBySide } from './token-owners';

/** One vector a row for each modality that a row of the batch has. */
export interface PlacedVectors {
  /** (B, D) each, 0 in the rows that lack the modality. */
  readonly vectors: Readonly<Record<string, tf.Tensor2D>>;
  /** (B) each, 1 where the row has the modality. */
  readonly present: Readonly<Record<string, Float32Array>>;
  /** B and D, also where there is no vector. */
  readonly shape: readonly [size: number, hiddenSize: number];
}

/** Projects the pooled representation of each modality to the width of the fusion, and puts it in its row of the batch. */
export class ModalityVectors extends Module {
  readonly projections: Readonly<Record<string, Linear>>;
  readonly #hiddenSize: number;

  constructor(encoders: Encoders, hiddenSize: number) {
    super();
    this.#hiddenSize = hiddenSize;
    this.projections = Object.fromEntries(
      Object.entries(encoders).map(([modality, encoder]) => [modality, new Linear(encoder.pooledSize, hiddenSize)]),
    );
  }

  /** @param size B */
  forward(encoded: Readonly<Record<string, EncodedTokens>>, size: number): PlacedVectors {
    const vectors: Record<string, tf.Tensor2D> = {};
    const present: Record<string, Float32Array> = {};
    for (const [modality, { pooled, rows }] of Object.entries(encoded)) {
      const projection = this.projections[modality];
      if (!projection) continue; // one that is added behind the fusion
      vectors[modality] = placeRows(projection.forward(pooled), rows, size);
      present[modality] = new Float32Array(size);
      for (const row of rows) present[modality][row] = 1;
    }
    return { vectors, present, shape: [size, this.#hiddenSize] };
  }
}

/**
 * The vectors as fused tokens, one for each modality that a row of the batch has; where there is none, one that takes no part.
 *
 * @param slots all slots of the model
 */
export function vectorTokens(
  { vectors, present, shape: [size, hiddenSize] }: PlacedVectors,
  slots: readonly string[],
): Pick<Fused, 'tokens' | 'mask' | 'owner'> {
  if (Object.keys(vectors).length === 0) {
    const mask = tf.zeros<tf.Rank.R2>([size, 1]);
    return { tokens: tf.zeros([size, 1, hiddenSize]), mask, owner: ownersSideBySide({}, slots, mask) };
  }
  const own = Object.entries(present).map(([slot, rows]) => [slot, presence(rows)] as const);
  return {
    tokens: tf.stack(Object.values(vectors), 1) as tf.Tensor3D, // (B, M, D)
    mask: tf.concat<tf.Tensor2D>(
      own.map(([, mask]) => mask),
      1,
    ), // (B, M)
    owner: ownersSideBySide(Object.fromEntries(own), slots),
  };
}

/**
 * Tokens of which every row has one: a row without any vector, which has added modalities alone, gets what it was joined to, of no slot.
 *
 * @param joint (B, D)
 */
export function withTokenInEachRow(
  fused: ReturnType<typeof vectorTokens>,
  { present, shape: [size] }: PlacedVectors,
  joint: tf.Tensor2D,
): ReturnType<typeof vectorTokens> {
  const lacks = Float32Array.from({ length: size }, (_, row) => (hasAny(present, row) ? 0 : 1));
  if (!lacks.includes(1)) return fused;
  const mask = presence(lacks);
  const own = tf.expandDims<tf.Tensor3D>(tf.mul(joint, mask), 1);
  const nobody = tf.fill<tf.Rank.R2>([size, 1], -1, 'int32');
  return {
    tokens: tf.concat([fused.tokens, own], 1),
    mask: tf.concat([fused.mask, mask], 1),
    ...(fused.owner && { owner: { ...fused.owner, map: tf.concat([fused.owner.map, nobody], 1) } }),
  };
}

function hasAny(present: PlacedVectors['present'], row: number): boolean {
  return Object.values(present).some((rows) => rows[row] === 1);
}

/** (B) → (B, 1) */
export function presence(rows: Float32Array): tf.Tensor2D {
  return tf.tensor2d(rows, [rows.length, 1]);
}
