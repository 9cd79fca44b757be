import { type KeyValueCache, slotPlaces } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beginPacked } from '../begin-packed';
import { slotBias, slotPositions } from '../cache/slots-seen';
import type { CausalEncoder } from '../causal-encoder';
import { moveInCaches, moveTokens } from '../move-tokens';
import type { BegunTokens, SequenceProgram } from '../sequence-program';
import type { KnownPrefix, PrefixCache } from './prefix-cache';
import { PrefixLayout } from './prefix-layout';
import { rowTokens } from './row-tokens';

/**
 * Runs what a sequence begins with, but for the tokens that a cache knows, and keeps it there. It gives what `begin` of the program
 * gives, up to rounding.
 *
 * @param features what the encoder embeds, each (B, N, …), or `embeddings` (B, N, D), and `mask` (B, N)
 */
export function beginBehind(
  program: SequenceProgram,
  encoder: CausalEncoder,
  features: tf.NamedTensorMap,
  prefixes: PrefixCache,
): BegunTokens {
  prefixes.requireComputedBy(encoder);
  const { cacheSizes, maxPositionEmbeddings: most } = encoder;
  const mask = features.mask as tf.Tensor2D;
  const scaledLength = cacheSizes.lengthWithSamePositions(Math.min(mask.shape[1], most));
  const rows = rowTokens(features);
  const known = rows.map((row) => prefixes.longest(row, scaledLength));
  const layout = new PrefixLayout(
    rows.map(({ places }) => places),
    known.map((own) => own?.count ?? 0),
  );
  const begun = layout.isShorter
    ? runBehind(program, encoder, features, known, layout, scaledLength)
    : beginPacked(
        program,
        encoder,
        features,
        rows.map(({ places }) => places),
      );
  for (const [row, tokens] of rows.entries()) {
    const { places } = tokens;
    prefixes.count(places.length, layout.isShorter ? layout.known[row] : 0);
    prefixes.keep(tokens, scaledLength, cacheSizes, begun.unfinished.shape[2], () => ({
      unfinished: moveTokens(rowOf(begun.unfinished, row), [places]),
      caches: moveInCaches(
        begun.caches.map(({ keys, values }) => ({ keys: rowOf(keys, row), values: rowOf(values, row) })),
        [places],
      ),
    }));
  }
  return begun;
}

function runBehind(
  program: SequenceProgram,
  encoder: CausalEncoder,
  { mask, ...features }: tf.NamedTensorMap,
  known: readonly (KnownPrefix | undefined)[],
  layout: PrefixLayout,
  scaledLength: number,
): BegunTokens {
  const { windows, numKeyValueHeads: heads, headDim } = encoder.cacheSizes;
  const { taken, added, starts } = layout;
  const [batch, length] = mask.shape;
  const capacity = taken + added;
  const sources = tf.tensor1d(layout.sources(length), 'int32');
  const ofAdded = (feature: tf.Tensor) => {
    const inner = feature.shape.slice(2);
    return tf.reshape(tf.gather(tf.reshape(feature, [batch * length, ...inner]), sources), [batch, added, ...inner]);
  };
  const inFront = (own: KnownPrefix | undefined, layer: number, part: keyof KeyValueCache) => {
    if (!own) return tf.zeros<tf.Rank.R4>([1, heads, capacity, headDim]);
    const cache = tf.slice(own.kept.caches[layer][part], [0, 0, 0, 0], [1, heads, own.count, headDim]);
    return tf.pad(cache, [none, none, [taken - own.count, added], none]);
  };
  const run = program.behind(
    {
      ...Object.fromEntries(Object.entries(features).map(([name, feature]) => [name, ofAdded(feature)])),
      mask: tf.tensor2d(layout.mask(), [batch, added]),
    },
    {
      positions: slotPositions(layout, added, encoder.maxPositionEmbeddings - 1),
      places: tf.tensor4d(slotPlaces([batch, heads, added], taken), [batch, heads, added, 3], 'int32'),
      biases: new Map([...new Set(windows)].map((window) => [window, slotBias(layout, added, capacity, window)])),
      caches: windows.map((_, layer) => ({
        keys: tf.concat(known.map((own) => inFront(own, layer, 'keys'))),
        values: tf.concat(known.map((own) => inFront(own, layer, 'values'))),
      })),
      length: scaledLength,
    },
  );
  const width = run.unfinished.shape[2];
  const before = known.map((own, row) =>
    own
      ? tf.pad(tf.slice(own.kept.unfinished, [0, 0, 0], [1, own.count, width]), [none, [starts[row], 0], none])
      : tf.zeros<tf.Rank.R3>([1, taken, width]),
  );
  const slots = layout.slots(length);
  const unfinished = moveTokens(tf.concat([tf.concat(before), run.unfinished], 1), slots);
  const encoded = program.finish(unfinished, mask as tf.Tensor2D);
  return { encoded, unfinished, caches: moveInCaches(run.caches, slots) };
}

const none: [number, number] = [0, 0];

/** (B, …) → (1, …) */
function rowOf<T extends tf.Tensor>(tensor: T, row: number): T {
  const [batch, ...others] = tensor.shape;
  if (batch === 1) return tensor;
  return tf.slice<tf.Rank, T>(tensor, [row, ...others.map(() => 0)], [1, ...others]);
}
