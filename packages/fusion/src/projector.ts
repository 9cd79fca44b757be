import { Module } from '@polymodal/core';
import { gelu, Linear } from '@polymodal/nn';
import type * as tf from '@tensorflow/tfjs-core';

/** The kinds of {@link Projector}. */
export const projectorKinds = ['linear', 'mlp'] as const;

/**
 * Brings tokens of one modality to the width of a language model's: by a linear map, as the first LLaVA (Liu et al. 2023), or by two
 * with a GELU between them, as later ones (HF `LlavaMultiModalProjector`).
 */
export class Projector extends Module {
  readonly linear1: Linear;
  /** Of the kind `mlp`. */
  readonly linear2: Linear | undefined;

  constructor(inputSize: number, outputSize: number, kind: (typeof projectorKinds)[number]) {
    super();
    this.linear1 = new Linear(inputSize, outputSize);
    this.linear2 = kind === 'mlp' ? new Linear(outputSize, outputSize) : undefined;
  }

  /** (B, N, D) → (B, N, Dh) */
  forward(tokens: tf.Tensor3D): tf.Tensor3D {
    const projected = this.linear1.forward(tokens);
    return this.linear2 ? this.linear2.forward(gelu(projected)) : projected;
  }
}
