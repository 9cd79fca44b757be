import {
  type CausalPart,
  ConfigError,
  type Context,
  describeValue,
  type Fused,
  fusedPart,
  type ModalityBatch,
  runLayer,
  type Sequence,
} from '@polymodal/core';
import type { KeyValueCache } from '@polymodal/nn';
import type * as tf from '@tensorflow/tfjs-core';
import { beginPacked } from './begin-packed';
import type { CacheSizes } from './cache/decodable';
import type { CausalEncoder } from './causal-encoder';
import { type LayerOf, type RunTokens, runThrough } from './decode-through';
import { beginning, following } from './growing-past';
import { beginBehind } from './prefix/begin-behind';
import type { PrefixCache } from './prefix/prefix-cache';
import { type BegunTokens, sequenceProgram } from './sequence-program';
import type { StartedSequence } from './started-sequence';

/**
 * What a fusion offers as `causal`: what a head goes on from behind each row, be it to learn or to write. All tensors have the rows
 * first. It is made by {@link beginSequence}.
 */
export interface CausalSequence extends CausalPart {
  /** Of each attention, the keys and values of the tokens, (B, Hkv, N, d): nothing is computed twice. */
  readonly caches: readonly KeyValueCache[];
  /** What the layers between read, by the names that the fusion gives it, each (B, …). */
  readonly memory: tf.NamedTensorMap;
  /** What new tokens run through, the same for all batches. (A function, since the rest is tensors.) */
  readonly through: () => SequenceLayers;
}

/** The layers of a causal encoder, with whatever a fusion puts between. */
export interface SequenceLayers {
  readonly encoder: CausalEncoder;
  /** What all of them keep: those of the encoder, and those that the fusion adds. */
  readonly cacheSizes: CacheSizes;
  /**
   * What runs at the place of each layer.
   *
   * @param memory what the rows are about, each (B, …)
   * @param own    what each token reads for itself, each (B, N, …), or (B, 1, …) where all read the same
   */
  readonly layerWith: (memory: tf.NamedTensorMap, own: tf.NamedTensorMap) => LayerOf;
  /** What the tokens behind a pass read for themselves, each (B, 1, …); nothing by default. @param memory of that pass */
  readonly ownOfNext?: (memory: tf.NamedTensorMap) => tf.NamedTensorMap;
  /**
   * Whether a sequence may begin with `embeddings` in place of what the encoder embeds (default false). Then the words of all are embedded
   * before the layers, by a program of their own, so that one of the layers serves both: it holds the weights.
   */
  readonly mayBeginEmbedded?: boolean;
}

/** The layers of a causal encoder alone. */
export function layersAlone(
  encoder: CausalEncoder,
  options: Pick<SequenceLayers, 'mayBeginEmbedded'> = {},
): SequenceLayers {
  const { cacheSizes } = encoder;
  const layerWith: SequenceLayers['layerWith'] = () => (index, tokens, context) =>
    runLayer(encoder, index, tokens, context);
  return { encoder, cacheSizes, layerWith, ...options };
}

/** What a sequence begins with. */
export interface SequenceStart {
  /** What the encoder embeds, each (B, N, …), or `embeddings` (B, N, D), and `mask` (B, N), 1 = takes part: rows may have gaps. */
  readonly features: tf.NamedTensorMap;
  /** int32 (B, N), −1 for what is of no vocabulary, padding among it. */
  readonly ids: tf.Tensor2D;
  /** What the layers between read of what follows, too. */
  readonly memory?: tf.NamedTensorMap;
  /** What each token of this pass reads for itself, each (B, N, …). */
  readonly own?: tf.NamedTensorMap;
  /** What the first layers made of it, where that is known: see `startSequence`. A pass that is compiled runs them all the same. */
  readonly started?: StartedSequence | undefined;
  /** See {@link CausalPart}. */
  readonly placeholders?: tf.Tensor2D | undefined;
  /** See {@link CausalPart}. */
  readonly answers?: tf.Tensor2D | undefined;
  /** See {@link CausalPart}: tokens see those of their own segment alone. */
  readonly segment?: tf.Tensor2D | undefined;
  /** What is known of sequences that began before, see `cachePrefixes`: of a pass that is compiled, whose layers stand alone. */
  readonly prefixes?: PrefixCache | undefined;
}

/**
 * Runs the tokens of a batch through the layers of a causal encoder, keeping what others need to go on behind them.
 *
 * @returns the tokens, finished, and what the fusion offers as `causal`
 */
export function beginSequence(
  layers: SequenceLayers,
  { features, ids, placeholders, memory = {}, own = {}, answers, segment, started, prefixes }: SequenceStart,
  context: Context,
): { readonly encoded: RunTokens['encoded']; readonly causal: CausalSequence } {
  const { encoded, caches } = run();
  return {
    encoded,
    causal: {
      ids,
      ...(placeholders && { placeholders }),
      ...(answers && { answers }),
      ...(segment && { segment }),
      caches,
      memory,
      through: () => layers,
    },
  };

  function run(): Pick<BegunTokens, 'encoded' | 'caches'> {
    const { encoder, cacheSizes, layerWith } = layers;
    if (context.mayCompile && prefixes && !segment) {
      return beginBehind(sequenceProgram(layers), encoder, features, prefixes);
    }
    const areAlone = Object.keys(memory).length + Object.keys(own).length === 0;
    if (context.mayCompile && areAlone && !segment) return beginPacked(sequenceProgram(layers), encoder, features);
    const past = beginning(features.mask as tf.Tensor2D, cacheSizes, encoder.maxPositionEmbeddings, segment);
    if (context.mayCompile) return sequenceProgram(layers).begin(features, { memory, own }, past);
    const ran = runThrough(encoder, features, past, context, layerWith(memory, own), started);
    return { encoded: ran.encoded, caches: ran.past.caches };
  }
}

/**
 * The words of a batch, as the encoder of some layers embeds them, positions left out: to be put among other tokens, before a sequence
 * begins with them.
 */
export function sequenceWords(layers: SequenceLayers, batch: ModalityBatch, context: Context): Sequence {
  return context.mayCompile ? sequenceProgram(layers).words(batch) : layers.encoder.words(batch);
}

/**
 * Runs tokens behind those of a fused batch, all at once, as in learning: gradients flow to both.
 *
 * @param features `inputIds` int32 (B, M) and `mask` (B, M), those that take part first
 * @returns (B, M, D), finished
 */
export function followSequence(fused: Fused, features: tf.NamedTensorMap, context: Context): tf.Tensor3D {
  const { caches, memory, through } = causalSequence(fused);
  const { encoder, cacheSizes, layerWith, ownOfNext } = through();
  const past = following(caches, fused.mask, features.mask as tf.Tensor2D, cacheSizes, encoder.maxPositionEmbeddings);
  return runThrough(encoder, features, past, context, layerWith(memory, ownOfNext?.(memory) ?? {})).encoded.tokens;
}

/**
 * The causal sequence of a fused batch.
 *
 * @throws StateError where the fusion offers none, ConfigError for one that was not made by {@link beginSequence}
 */
export function causalSequence(fused: Fused): CausalSequence {
  const part = fusedPart(fused, 'causal') as Partial<CausalSequence>;
  if (typeof part.through === 'function' && Array.isArray(part.caches)) return part as CausalSequence;
  throw new ConfigError({
    where: 'fused.causal',
    expected: 'what beginSequence of @polymodal/generation makes',
    received: describeValue(part),
  });
}
