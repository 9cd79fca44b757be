import {
  ConfigError,
  type Context,
  type Encoder,
  encoderOfOne,
  type Features,
  type ModalityBatch,
  runLayer,
  SampleError,
  type Sequence,
  ShapeError,
  tokenCounts,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { pixelShuffle, shuffledCount } from './pixel-shuffle';
import { poolValues, valuePoolings } from './pool-values';

/** Which tokens of a slot are taken, where it is not all that its encoder finishes. */
export const takenOptions = z.strictObject({
  /**
   * Those after so many of the encoder's layers (0: as they are embedded), counted from the last of them where it is negative, without
   * what `finish` does to them: −1 has them after all layers, −2 before the last one (`hidden_states` in Python's transformers).
   */
  layer: z.int().optional(),
  /** Of each value, from which token on: 1 leaves out a class token that stands first. */
  from: z.int().min(0).default(0),
  /** Of each value, whose tokens are a square grid then: so many a side become one, as wide as all of them. */
  pixelShuffle: z.int().positive().default(1),
  /** Of each value, one token in place of all: their mean, the greatest of each number, or both side by side. */
  pool: z.enum(valuePoolings).optional(),
});

/** What {@link takenOptions} say. */
export type TakenOptions = z.output<typeof takenOptions>;

/** All that an encoder finishes, as they are. */
export const allTaken: TakenOptions = takenOptions.parse({});

/**
 * The width of the tokens that are taken.
 *
 * @throws ConfigError for an encoder that does not say how many tokens it makes, for a layer that it has not, and where no token is left
 */
export function takenWidth(
  encoder: Encoder,
  { layer, from, pixelShuffle: factor, pool }: TakenOptions,
  where: string,
): number {
  const one = encoderOfOne(encoder);
  if (!one.tokenCount) {
    throw new ConfigError({
      where,
      expected:
        'an encoder that says how many tokens it makes of a value, since there are only so many positions for them',
      received: `${one.constructor.name}, which has no tokenCount()`,
    });
  }
  const index = layerIndex(encoder, layer);
  if (index !== undefined && (index < 0 || index > encoder.depth)) {
    throw new ConfigError({
      where: `${where}.layer`,
      expected: `from ${-1 - encoder.depth} to ${encoder.depth}, as the encoder has ${encoder.depth} layers`,
      received: String(layer),
    });
  }
  const usual = one.usualTokenCount?.(index);
  if (usual !== undefined && from >= usual) {
    throw new ConfigError({
      where: `${where}.from`,
      expected: `less than ${usual}, as many tokens as the encoder makes of a value`,
      received: String(from),
    });
  }
  if (usual !== undefined && shuffledCount(usual - from, factor) === undefined) {
    throw new ConfigError({
      where: `${where}.pixelShuffle`,
      expected: `a factor that divides the sides of a square grid, which the tokens of a value are`,
      received: `${factor}, for ${usual - from} tokens`,
    });
  }
  const vectors = pool === 'mean-max' ? 2 : 1;
  return vectors * factor ** 2 * (index === undefined ? encoder.hiddenSize : encoder.widthAt(index));
}

/**
 * How many tokens are taken of the values that a sample has of a slot, before anything is computed.
 *
 * @throws SampleError for a value of which no token is left, or none that are a grid as `pixelShuffle` has it
 */
export function takenCount(
  encoder: Encoder,
  features: Features,
  { layer, from, pixelShuffle: factor, pool }: TakenOptions,
  slot: string,
): number {
  const counts = tokenCounts(encoder, features, layerIndex(encoder, layer));
  return counts.reduce((sum, count) => {
    const taken = count > from ? shuffledCount(count - from, factor) : undefined;
    if (taken !== undefined) return sum + (pool ? 1 : taken);
    const grid = factor > 1 ? `, in a square grid of blocks of ${factor} × ${factor}` : '';
    throw new SampleError({
      where: slot,
      expected: `values of more than ${from} tokens, of which so many are left out${grid}`,
      received: `one of ${count}`,
      hint: `See \`tokens.${slot}\` of the fusion.`,
    });
  }, 0);
}

/**
 * The tokens that are taken of a slot's values. Layers behind them are not run.
 *
 * @throws ShapeError where nothing of a value is left, or that is no grid of whole blocks
 */
export function takenTokens(
  encoder: Encoder,
  input: ModalityBatch,
  { layer, from, pixelShuffle: factor, pool }: TakenOptions,
  context: Context,
): Sequence {
  const index = layerIndex(encoder, layer);
  const sequence = index === undefined ? encoder.encode(input, context) : after(encoder, input, index, context);
  const values = input.features.valueMask?.shape[1] ?? 1;
  const taken = from === 0 ? sequence : withoutFirst(sequence, values, from);
  const blocks = factor === 1 ? taken : pixelShuffle(taken, values, factor);
  return pool ? poolValues(blocks, values, pool) : blocks;
}

function after(encoder: Encoder, input: ModalityBatch, layers: number, context: Context): Sequence {
  let tokens = encoder.embed(input, context);
  for (let index = 0; index < layers; index++) tokens = runLayer(encoder, index, tokens, context);
  return tokens;
}

/** Counted from the first; undefined for the finished tokens. */
function layerIndex({ depth }: Encoder, layer: number | undefined): number | undefined {
  return layer !== undefined && layer < 0 ? 1 + depth + layer : layer;
}

/** Those of each of V values without its first: (P, V · n, D) → (P, V · (n − from), D). */
function withoutFirst({ tokens, mask, rows }: Sequence, values: number, from: number): Sequence {
  const [size, all, width] = tokens.shape;
  const left = all / values - from;
  if (left < 1) {
    throw new ShapeError({
      where: 'decoder, tokens',
      expected: `a "from" below the ${all / values} tokens that there are of a value`,
      received: String(from),
    });
  }
  const kept = tf.slice(tf.reshape(tokens, [size, values, all / values, width]), [0, 0, from, 0], [-1, -1, left, -1]);
  const keptMask = tf.slice(tf.reshape(mask, [size, values, all / values]), [0, 0, from], [-1, -1, left]);
  return {
    tokens: tf.reshape<tf.Rank.R3>(kept, [size, values * left, width]),
    mask: tf.reshape<tf.Rank.R2>(keptMask, [size, values * left]),
    rows,
  };
}
