import { type Context, Module } from '@polymodal/core';
import { dropout, LayerNorm, Linear } from '@polymodal/nn';
import type * as tf from '@tensorflow/tfjs-core';

/** Config of {@link FeatureProjection}. */
export interface FeatureProjectionConfig {
  readonly inChannels: number;
  readonly hiddenSize: number;
  /** Whether frames are normalised first. */
  readonly featProjLayerNorm: boolean;
  readonly featProjDropout: number;
  readonly layerNormEps: number;
}

/** Frames in the width of the Transformer (HF `Wav2Vec2FeatureProjection`, `HubertFeatureProjection`). */
export class FeatureProjection extends Module {
  readonly norm: LayerNorm | undefined;
  readonly projection: Linear;
  readonly #dropout: number;

  constructor(config: FeatureProjectionConfig) {
    super();
    this.norm = config.featProjLayerNorm ? new LayerNorm(config.inChannels, config.layerNormEps) : undefined;
    this.projection = new Linear(config.inChannels, config.hiddenSize);
    this.#dropout = config.featProjDropout;
  }

  /** @param frames (B, N, C) @returns (B, N, D) */
  forward(frames: tf.Tensor3D, context: Context): tf.Tensor3D {
    const normed = this.norm ? this.norm.forward(frames) : frames;
    return dropout(this.projection.forward(normed), this.#dropout, context, this);
  }
}
