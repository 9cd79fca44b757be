import { Module } from '@polymodal/core';
import { type Activation, activation, Linear } from '@polymodal/nn';
import type * as tf from '@tensorflow/tfjs-core';
import type { ContrastiveConfig } from './contrastive-options';

/** The way from an encoder's vector into the shared space. */
export interface Projection extends Module {
  /** (P, D) → (P, E) */
  forward(vectors: tf.Tensor2D): tf.Tensor2D;
}

/** That of a modality; none where its vectors lie there. */
export function projectionFrom(
  width: number,
  { projection, projectionAct, embeddingSize }: ContrastiveConfig,
): Projection | undefined {
  if (projection === 'none') return undefined;
  if (projection === 'linear') return new Linear(width, embeddingSize, { bias: false });
  return new MlpProjection(width, embeddingSize, activation(projectionAct));
}

/** Two linear layers (Wu et al. 2023, section 3.1; HF `ClapProjectionLayer`). */
export class MlpProjection extends Module implements Projection {
  readonly linear1: Linear;
  readonly linear2: Linear;
  readonly #activation: Activation;

  constructor(width: number, embeddingSize: number, act: Activation) {
    super();
    this.linear1 = new Linear(width, embeddingSize);
    this.linear2 = new Linear(embeddingSize, embeddingSize);
    this.#activation = act;
  }

  forward(vectors: tf.Tensor2D): tf.Tensor2D {
    return this.linear2.forward(this.#activation(this.linear1.forward(vectors)));
  }
}
