import { Module } from '@polymodal/core';
import { type Activation, type ActivationName, activation, Linear } from '@polymodal/nn';
import type * as tf from '@tensorflow/tfjs-core';

/** The kinds of {@link Projector}. */
export const projectorKinds = ['linear', 'mlp'] as const;

/** Sizes of a {@link Projector}. */
export interface ProjectorConfig {
  readonly inputSize: number;
  readonly outputSize: number;
  readonly kind: (typeof projectorKinds)[number];
  /** Between the two maps of the kind `mlp`; GELU by default. */
  readonly hiddenAct?: ActivationName;
  readonly bias?: boolean;
}

/**
 * Brings tokens of one modality to the width of a language model's: by a linear map, as the first LLaVA (Liu et al. 2023), or by two
 * with an activation between them, as later ones (HF `LlavaMultiModalProjector`).
 */
export class Projector extends Module {
  readonly linear1: Linear;
  /** Of the kind `mlp`. */
  readonly linear2: Linear | undefined;
  readonly #hiddenAct: Activation;

  constructor({ inputSize, outputSize, kind, hiddenAct = 'gelu', bias = true }: ProjectorConfig) {
    super();
    this.linear1 = new Linear(inputSize, outputSize, { bias });
    this.linear2 = kind === 'mlp' ? new Linear(outputSize, outputSize, { bias }) : undefined;
    this.#hiddenAct = activation(hiddenAct);
  }

  /** (B, N, D) → (B, N, Dh) */
  forward(tokens: tf.Tensor3D): tf.Tensor3D {
    const projected = this.linear1.forward(tokens);
    return this.linear2 ? this.linear2.forward(this.#hiddenAct(projected)) : projected;
  }
}
