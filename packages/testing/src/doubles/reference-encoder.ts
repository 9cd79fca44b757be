import {
  type Context,
  defineEncoder,
  type EncodedTokens,
  Encoder,
  type ModalityBatch,
  Module,
  type Sequence,
  type Tokens,
  withTokens,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { keepValid } from '../compare/keep-valid';
import { dropout } from './dropout';
import { Linear } from './linear';
import { referenceProcessor, stepSize } from './reference-processor';

/** Options of a {@link ReferenceEncoder}. */
export const referenceEncoderConfig = z.object({
  numHiddenLayers: z.int().positive().default(2),
  hiddenDropout: z.number().min(0).lt(1).default(0),
});

/**
 * The smallest encoder that keeps every invariant: a token a step, layers in which each token sees the mean of its row,
 * smooth everywhere so that finite differences are exact. It stands in for real encoders where a fusion or a head is
 * tested.
 */
export class ReferenceEncoder extends Encoder {
  readonly hiddenSize: number;
  readonly depth: number;
  readonly projection: Linear;
  readonly layers: readonly MixingLayer[];
  readonly output: Linear;

  constructor(config: z.output<typeof referenceEncoderConfig>, hiddenSize: number) {
    super();
    this.hiddenSize = hiddenSize;
    this.depth = config.numHiddenLayers;
    this.projection = new Linear(stepSize, hiddenSize);
    this.layers = Array.from({ length: this.depth }, () => new MixingLayer(hiddenSize, config.hiddenDropout));
    this.output = new Linear(hiddenSize, hiddenSize);
  }

  embed({ features, rows }: ModalityBatch, _context: Context): Tokens {
    const mask = features.mask as tf.Tensor2D; // (P, L)
    const values = keepValid(features.values as tf.Tensor3D, mask); // (P, L, 3)
    return { tokens: this.projection.forward(values), mask, rows };
  }

  override adopt(sequence: Sequence): Tokens {
    return sequence;
  }

  layer(index: number, tokens: Tokens, context: Context): Tokens {
    return withTokens(tokens, this.layers[index].forward(tokens.tokens, tokens.mask, context));
  }

  finish({ tokens, mask, rows }: Tokens, _context: Context): EncodedTokens {
    const output = this.output.forward(tokens);
    return { tokens: output, mask, rows, pooled: meanOfValid(output, mask) };
  }
}

/** tokens + tanh(own(tokens) + others(mean of the row)) */
export class MixingLayer extends Module {
  readonly own: Linear;
  readonly others: Linear;

  constructor(
    hiddenSize: number,
    readonly hiddenDropout: number,
  ) {
    super();
    this.own = new Linear(hiddenSize, hiddenSize);
    this.others = new Linear(hiddenSize, hiddenSize);
  }

  forward(tokens: tf.Tensor3D, mask: tf.Tensor2D, context: Context): tf.Tensor3D {
    const mean = tf.expandDims(this.others.forward(meanOfValid(tokens, mask)), 1); // (P, 1, D)
    const update = tf.tanh(tf.add(this.own.forward(tokens), mean));
    return tf.add(tokens, dropout(update, this.hiddenDropout, context, this));
  }
}

/** Mean over the tokens that take part: (P, N, D), (P, N) → (P, D). */
export function meanOfValid(tokens: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor2D {
  const sum = tf.sum(keepValid(tokens, mask), 1);
  return tf.div(sum, tf.maximum(tf.sum(mask, 1, true), 1)) as tf.Tensor2D;
}

/** A reference encoder under a name and for a modality of one's choice. */
export function referenceEncoder<const Name extends string>(name: Name, modality: string) {
  return defineEncoder({
    name,
    modality,
    processor: referenceProcessor,
    config: referenceEncoderConfig,
    create: (config, { hiddenSize }) => new ReferenceEncoder(config, hiddenSize),
  });
}
