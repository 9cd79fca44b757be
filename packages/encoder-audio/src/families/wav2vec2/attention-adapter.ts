import { Module } from '@polymodal/core';
import { LayerNorm, Linear } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/** What a layer of a multilingual model learns for one language (Pratap et al. 2023, "MMS"; HF `Wav2Vec2AttnAdapterLayer`). */
export class AttentionAdapter extends Module {
  readonly norm: LayerNorm;
  readonly down: Linear;
  readonly up: Linear;

  constructor(hiddenSize: number, adapterSize: number) {
    super();
    this.norm = new LayerNorm(hiddenSize);
    this.down = new Linear(hiddenSize, adapterSize);
    this.up = new Linear(adapterSize, hiddenSize);
  }

  /** @param x (B, N, D) @returns (B, N, D) */
  forward(x: tf.Tensor3D): tf.Tensor3D {
    return tf.add(x, this.up.forward(tf.relu(this.down.forward(this.norm.forward(x)))));
  }
}
