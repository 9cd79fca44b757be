import { type EncodedTokens, type Encoders, type Fused, Module, mapRecord } from '@polymodal/core';
import { LayerNorm, maskedMean } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { AddedModalities, beside, encodersBeside } from './added-modalities';
import { ModalityTokens } from './modality-tokens';
import { ModalityVectors, vectorTokens, withTokenInEachRow } from './modality-vectors';
import { ownersSideBySide } from './token-owners';

/** Sizes and choices of a {@link SideBySide}. */
export interface SideBySideConfig {
  readonly hiddenSize: number;
  readonly layerNormEps: number;
  /** Modalities that are added to a trained model. */
  readonly added: readonly string[];
}

/**
 * What fusions give that work between the layers of encoders: the finished tokens of all modalities side by side, and as the pooled
 * representation the norm of the mean of the projected vectors that a row has.
 */
export class SideBySide extends Module {
  readonly modalities: Readonly<Record<string, ModalityTokens>>;
  readonly vectors: ModalityVectors;
  readonly added: AddedModalities;
  readonly norm: LayerNorm;
  readonly #slots: readonly string[];

  constructor(encoders: Encoders, { hiddenSize, layerNormEps, added }: SideBySideConfig) {
    super();
    const joined = encodersBeside(added, encoders, 'fusion.added');
    this.#slots = Object.keys(encoders);
    this.modalities = mapRecord(
      joined,
      (encoder) => new ModalityTokens({ encoderSize: encoder.hiddenSize, hiddenSize, missing: 'mask' }),
    );
    this.vectors = new ModalityVectors(joined, hiddenSize);
    this.added = new AddedModalities(added, encoders, hiddenSize);
    this.norm = new LayerNorm(hiddenSize, layerNormEps);
  }

  /** @param size B */
  forward(
    finished: Readonly<Record<string, EncodedTokens>>,
    size: number,
  ): Pick<Fused, 'tokens' | 'mask' | 'pooled' | 'owner' | 'gates'> {
    const slots = this.#slots;
    const joined = beside(this.added.slots, finished);
    const placed = mapRecord(joined, (own, slot) => this.modalities[slot].forward(own, size)!);
    const parts = Object.values(placed);
    const vectors = this.vectors.forward(finished, size);
    const averaged = vectorTokens(vectors, slots);
    const joint = this.added.forward(maskedMean(averaged.tokens, averaged.mask), finished);
    const tokens =
      parts.length === 0
        ? averaged
        : {
            tokens: tf.concat(
              parts.map(({ tokens }) => tokens),
              1,
            ), // (B, N, D)
            mask: tf.concat(
              parts.map(({ mask }) => mask),
              1,
            ),
            owner: ownersSideBySide(
              mapRecord(placed, ({ own }) => own),
              slots,
            ),
          };
    return {
      ...withTokenInEachRow(tokens, vectors, joint),
      ...this.added.gates(finished, size),
      pooled: this.norm.forward(joint),
    };
  }
}
