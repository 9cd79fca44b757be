import {
  type Batch,
  ConfigError,
  type Context,
  defineFusion,
  type Encoder,
  type Encoders,
  type Fused,
  type FusedPart,
  Fusion,
  MissingModalityError,
  type Requirements,
  type Sequence,
  type Tokens,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { keepValid } from '../compare/keep-valid';
import { Linear } from './linear';
import { meanOfValid } from './reference-encoder';
import { placeRows } from './reference-fusion';

const options = z.object({ into: z.string().default('text') });

/**
 * The smallest splice, as of a language model that sees: the tokens of all other modalities in the midst of those of one, which every
 * row must have, and that one's layers over the joint sequence. Where the midst is differs from row to row.
 */
class SpliceFusion extends Fusion {
  override readonly requires: Requirements;
  override readonly offers: readonly FusedPart[] = ['owner'];
  readonly projections: Readonly<Record<string, Linear>>;
  readonly output: Linear;

  constructor(
    readonly hiddenSize: number,
    readonly into: string,
    encoders: Encoders,
  ) {
    super();
    this.requires = { all: [into] };
    if (!encoders[into].adopt) throw takesNoOthers(into);
    const width = encoders[into].widthAt(0);
    const others = Object.entries(encoders).filter(([slot]) => slot !== into);
    this.projections = Object.fromEntries(others.map(([slot, own]) => [slot, new Linear(own.hiddenSize, width)]));
    this.output = new Linear(width, hiddenSize);
  }

  forward(encoders: Encoders, batch: Batch, context: Context): Fused {
    const slots = Object.keys(encoders);
    const host = batch.modalities[this.into];
    if (host?.rows.length !== batch.size) throw this.#missing(batch);
    const embedded = encoders[this.into].embed(host, context);
    const middle = tf.floor(tf.div(tf.sum(embedded.mask, 1, true), 2)) as tf.Tensor2D; // (B, 1)
    const parts = [this.#part(embedded.tokens, embedded.mask, slots.indexOf(this.into))];
    for (const [slot, projection] of Object.entries(this.projections)) {
      const input = batch.modalities[slot];
      if (!input) continue;
      const { tokens, mask } = encoders[slot].encode(input, context);
      const projected = projection.forward(keepValid(tokens, mask));
      const [placed, own] = [projected, mask].map((part) => placeRows(part as tf.Tensor, input.rows, batch.size));
      parts.push(this.#part(placed as tf.Tensor3D, own as tf.Tensor2D, slots.indexOf(slot)));
    }
    const joint = spliced(parts, middle);
    let tokens = adopted(encoders[this.into], { ...joint, rows: host.rows }, context);
    for (let index = 0; index < encoders[this.into].depth; index++) {
      tokens = encoders[this.into].layer(index, tokens, context);
    }
    const finished = encoders[this.into].finish(tokens, context);
    const output = this.output.forward(keepValid(finished.tokens, joint.mask));
    return {
      tokens: output,
      mask: joint.mask,
      pooled: meanOfValid(output, joint.mask),
      owner: { map: joint.owner, slots },
    };
  }

  #part(tokens: tf.Tensor3D, mask: tf.Tensor2D, index: number): Part {
    return { tokens: keepValid(tokens, mask), mask, owner: tf.mul(mask, 1 + index) };
  }

  #missing({ modalities }: Batch): MissingModalityError {
    return new MissingModalityError({
      where: 'batch',
      expected: `${this.into} in every row`,
      received: `it in ${modalities[this.into]?.rows.length ?? 0}`,
    });
  }
}

/** The joint sequence, ready for the layers of an encoder that did not embed it. */
function adopted(encoder: Encoder, { tokens, mask, rows }: Sequence, context: Context): Tokens {
  return encoder.adopt!({ tokens, mask, rows }, context);
}

function takesNoOthers(slot: string): ConfigError {
  return new ConfigError({
    where: 'into',
    expected: 'a slot whose encoder takes tokens that it did not embed (it has `adopt`)',
    received: `"${slot}"`,
  });
}

/** Tokens of one modality for all rows. */
interface Part {
  /** (B, n, D) */
  readonly tokens: tf.Tensor3D;
  /** (B, n) */
  readonly mask: tf.Tensor2D;
  /** (B, n), 1 + the index of the slot, 0 for padding. */
  readonly owner: tf.Tensor2D;
}

/**
 * All parts behind one another, the first of them parted at `middle`: each valid token of a row goes to its place there, by a
 * permutation of the row.
 *
 * @param middle (B, 1)
 */
function spliced([host, ...others]: readonly Part[], middle: tf.Tensor2D): Part & { readonly owner: tf.Tensor2D } {
  const added = tf.concat([...others.map(({ mask }) => mask), tf.zerosLike(middle)], 1) as tf.Tensor2D;
  const count = tf.sum(added, 1, true); // (B, 1)
  const rank = rankOf(host.mask);
  const isBehind = tf.cast(tf.greaterEqual(rank, middle), 'float32');
  const places = tf.concat([tf.add(rank, tf.mul(isBehind, count)), tf.add(middle, rankOf(added))], 1); // (B, N)
  const mask = tf.concat([host.mask, added], 1) as tf.Tensor2D;
  const blank = (part: tf.Tensor) => tf.zeros([part.shape[0], 1, ...part.shape.slice(2)]);
  const all = tf.concat([host.tokens, ...others.map(({ tokens }) => tokens), blank(host.tokens)], 1);
  const owner = tf.concat([host.owner, ...others.map((part) => part.owner), tf.zerosLike(middle)], 1);
  const length = mask.shape[1];
  const at = tf.reshape(tf.range(0, length), [1, 1, length]);
  const isThere = tf.cast(tf.equal(tf.expandDims(places, 2), at), 'float32'); // (B, N, N): from, to
  const move = tf.mul(isThere, tf.expandDims(mask, 2));
  const moved = (values: tf.Tensor2D) => tf.sum(tf.mul(move, tf.expandDims(values, 2)), 1) as tf.Tensor2D;
  return {
    tokens: tf.matMul(move, all, true) as tf.Tensor3D,
    mask: moved(mask),
    owner: tf.cast(tf.sub(moved(owner as tf.Tensor2D), 1), 'int32') as tf.Tensor2D,
  };
}

/** (B, N): how many valid tokens stand before each one. */
function rankOf(mask: tf.Tensor2D): tf.Tensor2D {
  return tf.cumsum(mask, 1, true) as tf.Tensor2D;
}

/** A {@link SpliceFusion} for configs to `use`. */
export const spliceFusion = defineFusion({
  name: 'reference-splice',
  config: options,
  create: ({ into }, { hiddenSize, encoders }) => new SpliceFusion(hiddenSize, into, encoders),
});
