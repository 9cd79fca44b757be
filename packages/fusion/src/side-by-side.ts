import { type EncodedTokens, type Encoders, type Fused, Module } from '@polymodal/core';
import { LayerNorm, maskedMean } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { mapRecord } from './map-record';
import { ModalityTokens } from './modality-tokens';
import { ModalityVectors, vectorTokens } from './modality-vectors';
import { ownersSideBySide } from './token-owners';

/**
 * What fusions give that work between the layers of encoders: the finished tokens of all modalities side by side, and as the pooled
 * representation the norm of the mean of the projected vectors that a row has.
 */
export class SideBySide extends Module {
  readonly modalities: Readonly<Record<string, ModalityTokens>>;
  readonly vectors: ModalityVectors;
  readonly norm: LayerNorm;

  constructor(encoders: Encoders, hiddenSize: number, layerNormEps: number) {
    super();
    this.modalities = mapRecord(
      encoders,
      (encoder) => new ModalityTokens({ encoderSize: encoder.hiddenSize, hiddenSize, missing: 'mask' }),
    );
    this.vectors = new ModalityVectors(encoders, hiddenSize);
    this.norm = new LayerNorm(hiddenSize, layerNormEps);
  }

  /** @param size B */
  forward(
    finished: Readonly<Record<string, EncodedTokens>>,
    size: number,
  ): Pick<Fused, 'tokens' | 'mask' | 'pooled' | 'owner'> {
    const slots = Object.keys(this.modalities);
    const placed = mapRecord(finished, (own, slot) => this.modalities[slot].forward(own, size)!);
    const parts = Object.values(placed);
    const vectors = vectorTokens(this.vectors.forward(finished, size), slots);
    return {
      tokens: tf.concat(
        parts.map(({ tokens }) => tokens),
        1,
      ), // (B, N, D)
      mask: tf.concat(
        parts.map(({ mask }) => mask),
        1,
      ),
      pooled: this.norm.forward(maskedMean(vectors.tokens, vectors.mask)),
      owner: ownersSideBySide(
        mapRecord(placed, ({ own }) => own),
        slots,
      ),
    };
  }
}
