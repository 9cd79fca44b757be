import {
  type Context,
  type EncodedTokens,
  Encoder,
  type ModalityBatch,
  type Sequence,
  type Tokens,
  withTokens,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

/** An encoder whose tokens hold some number wherever its mask says that they take no part, and else what another's hold. */
export class DirtyEncoder extends Encoder {
  readonly hiddenSize: number;
  readonly depth: number;

  constructor(
    readonly clean: Encoder,
    readonly filling: number,
  ) {
    super();
    this.hiddenSize = clean.hiddenSize;
    this.depth = clean.depth;
  }

  override widthAt(index: number): number {
    return this.clean.widthAt(index);
  }

  embed(batch: ModalityBatch, context: Context): Tokens {
    return this.#soil(this.clean.embed(batch, context));
  }

  override adopt(sequence: Sequence, context: Context): Tokens {
    return this.#soil(this.clean.adopt!(sequence, context));
  }

  layer(index: number, tokens: Tokens, context: Context): Tokens {
    return this.#soil(this.clean.layer(index, tokens, context));
  }

  finish(tokens: Tokens, context: Context): EncodedTokens {
    return this.#soil(this.clean.finish(tokens, context));
  }

  #soil<T extends Tokens>(tokens: T): T {
    const valid = tf.broadcastTo(tf.cast(tf.expandDims(tokens.mask, 2), 'bool'), tokens.tokens.shape);
    const soiled = tf.where(valid, tokens.tokens, tf.fill(tokens.tokens.shape, this.filling));
    return { ...tokens, ...withTokens(tokens, soiled) };
  }
}
