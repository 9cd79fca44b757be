import * as tf from '@tensorflow/tfjs-core';
import type { CausalEncoder } from './causal-encoder';
import { beginning } from './growing-past';
import { moveInCaches, moveTokens } from './move-tokens';
import { PackedPrompts } from './packed-prompts';
import type { BegunTokens, SequenceProgram } from './sequence-program';

/**
 * Runs what sequences begin with through layers that stand alone. Rows of different lengths are run several in a row, tokens of one seeing
 * nothing of the others. It gives what `begin` of the program gives of the rows as they are, up to rounding; what stands in padding is any.
 *
 * @param features what the encoder embeds, each (B, N, …), or `embeddings` (B, N, D), and `mask` (B, N)
 * @param places   of the tokens of each row, where that is known
 */
export function beginPacked(
  program: SequenceProgram,
  { cacheSizes, maxPositionEmbeddings: most }: CausalEncoder,
  features: tf.NamedTensorMap,
  places?: readonly (readonly number[])[],
): BegunTokens {
  const mask = features.mask as tf.Tensor2D;
  const [batch, length] = mask.shape;
  const packed = batch > 1 ? PackedPrompts.of(places ?? placesOf(mask), length) : undefined;
  if (!packed) return program.begin(features, nothingRead, beginning(mask, cacheSizes, most));
  const shape: [number, number] = [packed.count, packed.width];
  const sources = tf.tensor1d(packed.sources(length), 'int32');
  const moved = (feature: tf.Tensor) => {
    const inner = feature.shape.slice(2);
    return tf.reshape(tf.gather(tf.reshape(feature, [batch * length, ...inner]), sources), [...shape, ...inner]);
  };
  const own = {
    ...Object.fromEntries(Object.entries(features).map(([name, feature]) => [name, moved(feature)])),
    mask: tf.tensor2d(packed.mask(), shape),
  };
  const past = beginning(own.mask, cacheSizes, most, tf.tensor2d(packed.segments(), shape, 'int32'));
  const begun = program.begin(own, nothingRead, { ...past, length: Math.min(length, most) });
  const from = packed.places(length);
  const unfinished = moveTokens(begun.unfinished, from);
  return { encoded: program.finish(unfinished, mask), unfinished, caches: moveInCaches(begun.caches, from) };
}

const nothingRead = { memory: {}, own: {} };

function placesOf(mask: tf.Tensor2D): number[][] {
  const [batch, length] = mask.shape;
  const present = mask.dataSync();
  const all = Array.from({ length }, (_, place) => place);
  return Array.from({ length: batch }, (_, row) => all.filter((place) => present[row * length + place] === 1));
}
