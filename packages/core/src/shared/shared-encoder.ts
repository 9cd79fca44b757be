import * as tf from '@tensorflow/tfjs-core';
import type { ModalityBatch } from '../batch';
import type { Context } from '../context';
import { Encoder } from '../encoder';
import { runLayer } from '../recomputation/run-layer';
import type { EncodedTokens, Sequence, Tokens } from '../tokens';
import { distinctValues } from './shared-processor';
import { spreadState } from './spread-state';

/** What the layers are to know: of the different values, as long as nobody has worked on their tokens row by row, and of rows after that. */
type SharedState =
  | { readonly kind: 'shared'; readonly once: Tokens; readonly numbers: tf.Tensor1D; readonly spread: Sequence }
  | { readonly kind: 'apart'; readonly own: unknown };

/**
 * Encodes equal values of a batch once, with the encoder that it is given: one picture about which there are eight questions, say. To
 * all others each row has the tokens of its value.
 *
 * Between the layers the tokens of rows come apart as soon as somebody works on them, conditioning each by the row's question say: from
 * there on the layers run for each row, and not before. What an encoder keeps as its state is then spread over the rows, see
 * `spreadState`.
 *
 * In training, rows of one value share what the encoder draws at random, its dropout.
 */
export class SharedEncoder extends Encoder<SharedState> {
  /** @param each encodes a value */
  constructor(readonly each: Encoder) {
    super();
    this.tokenSeconds = each.tokenSeconds;
  }

  override readonly tokenSeconds;

  /** By the tensors that it made it knows rows that nobody worked on. */
  override readonly runsAnother = true;

  get hiddenSize(): number {
    return this.each.hiddenSize;
  }

  get depth(): number {
    return this.each.depth;
  }

  override get pooledSize(): number {
    return this.each.pooledSize;
  }

  override widthAt(index: number): number {
    return this.each.widthAt(index);
  }

  override layerOf(path: string): number {
    return this.each.layerOf(path.slice('each.'.length));
  }

  embed({ features, rows }: ModalityBatch, context: Context): Tokens<SharedState> {
    const { [distinctValues]: hot, ...own } = features; // (P, U)
    const firsts = tf.argMax<tf.Tensor1D>(hot, 0); // (U); for what only rounds U up, some row
    const once = this.each.embed(
      {
        rows: Int32Array.from({ length: firsts.shape[0] }, (_, number) => number),
        features: Object.fromEntries(Object.entries(own).map(([name, feature]) => [name, tf.gather(feature, firsts)])),
      },
      context,
    );
    return shared(once, tf.argMax<tf.Tensor1D>(hot, 1), rows);
  }

  layer(index: number, tokens: Tokens<SharedState>, context: Context): Tokens<SharedState> {
    const { state, rows } = tokens;
    if (isUntouched(tokens, state)) return shared(runLayer(this.each, index, state.once, context), state.numbers, rows);
    const { state: own, ...sequence } = runLayer(this.each, index, apart(tokens), context);
    return { ...sequence, state: { kind: 'apart', own } };
  }

  finish(tokens: Tokens<SharedState>, context: Context): EncodedTokens {
    const { state, rows } = tokens;
    if (!isUntouched(tokens, state)) return this.each.finish(apart(tokens), context);
    const once = this.each.finish(state.once, context);
    return { ...spreadOut(once, state.numbers, rows), pooled: tf.gather(once.pooled, state.numbers) };
  }
}

function shared(once: Tokens, numbers: tf.Tensor1D, rows: Int32Array): Tokens<SharedState> {
  const spread = spreadOut(once, numbers, rows);
  return { ...spread, state: { kind: 'shared', once, numbers, spread } };
}

/** (U, N, D) → (P, N, D) */
function spreadOut({ tokens, mask }: Sequence, numbers: tf.Tensor1D, rows: Int32Array): Sequence {
  return { tokens: tf.gather(tokens, numbers), mask: tf.gather(mask, numbers), rows };
}

type Untouched = Extract<SharedState, { kind: 'shared' }>;

function isUntouched({ tokens, mask }: Sequence, state: SharedState): state is Untouched {
  return state.kind === 'shared' && tokens === state.spread.tokens && mask === state.spread.mask;
}

/** The tokens of rows as their encoder knows them. */
function apart({ state, ...sequence }: Tokens<SharedState>): Tokens {
  if (state.kind === 'apart') return { ...sequence, state: state.own };
  return { ...sequence, state: spreadState(state.once.state, state.numbers, state.once.tokens.shape[0]) };
}
