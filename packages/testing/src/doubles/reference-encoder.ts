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
import { ConformanceError } from '../conformance-error';
import { dropout } from './dropout';
import { Linear } from './linear';
import { type ReferenceFeatures, type ReferenceRow, referenceProcessor, stepSize } from './reference-processor';

/** Options of a {@link ReferenceEncoder}. */
export const referenceEncoderConfig = z.object({
  numHiddenLayers: z.int().positive().default(2),
  hiddenDropout: z.number().min(0).lt(1).default(0),
});

/**
 * The smallest encoder that keeps every invariant: a token a step, layers in which each token sees the mean of its row,
 * smooth everywhere so that finite differences are exact. It stands in for real encoders where a fusion or a head is
 * tested. The state of its tokens says which layer is next, so that it notices who loses it, or leaves a layer out.
 */
export class ReferenceEncoder extends Encoder<ReferenceState> {
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

  override tokenCount({ values }: ReferenceRow): number {
    return values.shape[0];
  }

  embed({ features, rows }: ModalityBatch<ReferenceFeatures>, _context: Context): ReferenceTokens {
    const { mask } = features; // (P, L)
    const values = keepValid(features.values, mask); // (P, L, 3)
    return { tokens: this.projection.forward(values), mask, rows, state: { nextLayer: 0 } };
  }

  override adopt({ tokens, mask, rows }: Sequence): ReferenceTokens {
    return { tokens, mask, rows, state: { nextLayer: 0 } };
  }

  layer(index: number, tokens: ReferenceTokens, context: Context): ReferenceTokens {
    requireNext(index, tokens.state);
    const output = this.layers[index].forward(tokens.tokens, tokens.mask, context);
    return { ...withTokens(tokens, output), state: { nextLayer: index + 1 } };
  }

  override layerOf(path: string): number {
    return path.startsWith('output.') ? this.depth + 1 : super.layerOf(path);
  }

  finish({ tokens, mask, rows, state }: ReferenceTokens, _context: Context): EncodedTokens {
    requireNext(this.depth, state);
    const output = this.output.forward(tokens);
    return { tokens: output, mask, rows, pooled: meanOfValid(output, mask) };
  }
}

interface ReferenceState {
  readonly nextLayer: number;
}

/** Tokens on their way through a {@link ReferenceEncoder}. */
export type ReferenceTokens = Tokens<ReferenceState>;

/** @throws ConformanceError where the state of the tokens was lost on the way, or a layer was left out */
function requireNext(layer: number, state: ReferenceState | undefined): void {
  if (state?.nextLayer === layer) return;
  throw new ConformanceError({
    where: 'the state of the tokens of an encoder',
    expected: `that of tokens before layer ${layer}`,
    received: state ? `that of tokens before layer ${state.nextLayer}` : 'none',
    hint: 'Replace only what you change of the tokens that embed, adopt and layer give: see withTokens.',
  });
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
