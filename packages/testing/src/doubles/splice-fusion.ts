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
  type ModalityBatch,
  placeFeatures,
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
 * The smallest splice, as of a language model that sees: the tokens of all other modalities among those of one, which every row must have,
 * and that one's layers over the joint sequence. In a document the tokens of each value stand at its place, instead of the element there;
 * in other rows all of them in the midst, which differs from row to row.
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
    const places = placesOf(host, embedded.mask);
    const own = tf.mul(embedded.mask, tf.cast(tf.less(places.slot, 0), 'float32')) as tf.Tensor2D;
    const middle = tf.floor(tf.div(tf.sum(embedded.mask, 1, true), 2)) as tf.Tensor2D; // (B, 1)
    const positions = tf.add(tf.range(0, own.shape[1]), tf.zerosLike(own)) as tf.Tensor2D;
    const parts = [this.#part(embedded.tokens, own, positions, slots.indexOf(this.into))];
    for (const [slot, projection] of Object.entries(this.projections)) {
      const input = batch.modalities[slot];
      if (!input) continue;
      const { tokens, mask } = encoders[slot].encode(input, context);
      const projected = projection.forward(keepValid(tokens, mask));
      const [placed, present] = [projected, mask].map((part) => placeRows(part as tf.Tensor, input.rows, batch.size));
      const count = input.features.valueMask?.shape[1] ?? 1;
      const position = positionsOf(places, middle, slots.indexOf(slot), count, mask.shape[1]);
      parts.push(this.#part(placed as tf.Tensor3D, present as tf.Tensor2D, position, slots.indexOf(slot)));
    }
    const joint = spliced(parts);
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

  #part(tokens: tf.Tensor3D, mask: tf.Tensor2D, position: tf.Tensor2D, index: number): Part {
    return { tokens: keepValid(tokens, mask), mask, position, owner: tf.mul(mask, 1 + index) };
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
  /** (B, n): before which token of the host each stands; of the host's own, which it is. */
  readonly position: tf.Tensor2D;
  /** (B, n), 1 + the index of the slot, 0 for padding. */
  readonly owner: tf.Tensor2D;
}

/** What stands at each element of the host: (B, N) each, −1 for its own and for padding. */
interface Places {
  readonly slot: tf.Tensor;
  readonly value: tf.Tensor;
}

function placesOf({ features }: ModalityBatch, mask: tf.Tensor2D): Places {
  const nowhere = tf.fill(mask.shape, -1, 'int32');
  const [slot, value] = placeFeatures.map((name) =>
    tf.where(tf.cast(mask, 'bool'), features[name] ?? nowhere, nowhere),
  );
  return { slot, value };
}

/**
 * Where the tokens of a slot stand (B, n): each at the place of its value, and those that have none in the midst.
 *
 * @param count  of values, whose tokens stand one after the other
 * @param length n, of the tokens of all values
 */
function positionsOf({ slot, value }: Places, middle: tf.Tensor2D, index: number, count: number, length: number) {
  const values = tf.reshape(tf.range(0, count, 1, 'int32'), [1, 1, count]);
  const bound = tf.logicalAnd(tf.equal(tf.expandDims(value, 2), values), tf.expandDims(tf.equal(slot, index), 2));
  const isPlace = tf.cast(bound, 'float32'); // (B, N, V)
  const element = tf.reshape(tf.range(0, slot.shape[1]!), [1, slot.shape[1]!, 1]);
  const at = tf.sum(tf.mul(isPlace, element), 1); // (B, V)
  const isBound = tf.cast(tf.sum(isPlace, 1), 'bool');
  const ofValues = tf.where(isBound, at, tf.add(tf.sub(middle, 0.5), tf.zerosLike(at)));
  const repeated = tf.tile(tf.expandDims(ofValues, 2), [1, 1, length / count]);
  return tf.reshape(repeated, [slot.shape[0], length]) as tf.Tensor2D;
}

/** All parts as one sequence: the valid tokens in the order of their positions, by a permutation of each row, and padding behind them. */
function spliced(parts: readonly Part[]): Omit<Part, 'position'> {
  const [mask, owner, position] = (['mask', 'owner', 'position'] as const).map(
    (name) =>
      tf.concat(
        parts.map((part) => part[name]),
        1,
      ) as tf.Tensor2D,
  );
  const all = tf.concat(
    parts.map(({ tokens }) => tokens),
    1,
  );
  const length = mask.shape[1];
  const at = tf.reshape(tf.range(0, length), [1, 1, length]);
  const isThere = tf.cast(tf.equal(tf.expandDims(rankOf(position, mask), 2), at), 'float32'); // (B, N, N): from, to
  const move = tf.mul(isThere, tf.expandDims(mask, 2));
  const moved = (values: tf.Tensor2D) => tf.sum(tf.mul(move, tf.expandDims(values, 2)), 1) as tf.Tensor2D;
  return {
    tokens: tf.matMul(move, all, true) as tf.Tensor3D,
    mask: moved(mask),
    owner: tf.cast(tf.sub(moved(owner), 1), 'int32') as tf.Tensor2D,
  };
}

/** (B, N): how many valid tokens stand before each one, of those at one position those that come first. */
function rankOf(position: tf.Tensor2D, mask: tf.Tensor2D): tf.Tensor2D {
  const [own, other] = [tf.expandDims(position, 2), tf.expandDims(position, 1)]; // (B, N, 1), (B, 1, N)
  const index = tf.range(0, position.shape[1]);
  const comesFirst = tf.less(tf.expandDims(index, 0), tf.expandDims(index, 1)); // (N, N)
  const isBefore = tf.logicalOr(tf.less(other, own), tf.logicalAnd(tf.equal(other, own), tf.expandDims(comesFirst, 0)));
  return tf.sum(tf.mul(tf.cast(isBefore, 'float32'), tf.expandDims(mask, 1)), 2) as tf.Tensor2D;
}

/** A {@link SpliceFusion} for configs to `use`. */
export const spliceFusion = defineFusion({
  name: 'reference-splice',
  config: options,
  create: ({ into }, { hiddenSize, encoders }) => new SpliceFusion(hiddenSize, into, encoders),
});
