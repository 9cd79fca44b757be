import * as tf from '@tensorflow/tfjs-core';
import { BertEncoder, type BertEncoderConfig } from '../bert/bert-encoder';

/** What a {@link RobertaEncoder} is made from: the names of HF `RobertaConfig`. */
export interface RobertaEncoderConfig extends BertEncoderConfig {
  /** The id of padding, which is the position of padding too. */
  readonly padTokenId: number;
}

/**
 * RoBERTa and XLM-RoBERTa (Liu et al. 2019, Conneau et al. 2020; HF `RobertaModel`): BERT whose positions count the tokens of a
 * text, not its padding, from `padTokenId` + 1.
 */
export class RobertaEncoder extends BertEncoder {
  readonly padTokenId: number;

  constructor(config: RobertaEncoderConfig) {
    super(config);
    this.padTokenId = config.padTokenId;
  }

  override get maxLength(): number {
    return this.positionEmbeddings.numEmbeddings - this.padTokenId - 1;
  }

  protected override positionIds(mask: tf.Tensor2D, ids?: tf.Tensor2D): tf.Tensor2D {
    const counts = ids ? tf.mul(mask, tf.cast(tf.notEqual(ids, this.padTokenId), 'float32')) : mask; // an id of padding is padding
    const numbers = tf.mul(tf.cumsum(counts, 1), counts);
    return tf.cast(tf.add<tf.Tensor2D>(numbers, this.padTokenId), 'int32');
  }
}
