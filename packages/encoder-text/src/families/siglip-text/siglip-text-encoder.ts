import type { Module, Tokens } from '@polymodal/core';
import { type AttentionState, Linear } from '@polymodal/nn';
import type * as tf from '@tensorflow/tfjs-core';
import { TextTransformer } from '../../text-transformer';
import type { TextTowerConfig } from '../tower-options';

/** What a {@link SiglipTextEncoder} is made from. */
export interface SiglipTextEncoderConfig extends TextTowerConfig {
  /** Width of a text's vector; hiddenSize by default. */
  readonly projectionSize?: number | null;
}

/**
 * The text tower of SigLIP (Zhai et al. 2023; HF `SiglipTextModel`): pre-norm layers that see the whole text, and a final norm.
 * A text's vector is that of its last token, through a linear layer.
 *
 * SigLIP was trained with texts that are filled up to a fixed length with tokens which take part like all others, and the last
 * of which is the one that counts: its processor does so. What the mask leaves out takes no part, as with Python's
 * `attention_mask`; there the vector is that of the last token that is left.
 */
export class SiglipTextEncoder extends TextTransformer {
  readonly head: Linear;

  constructor(config: SiglipTextEncoderConfig) {
    super({ ...config, hiddenDropout: 0, dropPath: 0, pooling: 'last', positions: 'index' });
    this.head = new Linear(config.hiddenSize, config.projectionSize ?? config.hiddenSize);
  }

  protected override ownVectors(tokens: Tokens<AttentionState>): tf.Tensor2D {
    return this.head.forward(super.ownVectors(tokens));
  }

  protected override get ownSize(): number {
    return this.head.outputSize;
  }

  protected override get ownPooler(): Module {
    return this.head;
  }
}
