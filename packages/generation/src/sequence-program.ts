import {
  type Compiled,
  compiled,
  type EncodedTokens,
  inferenceContext,
  type ModalityBatch,
  type Sequence,
} from '@polymodal/core';
import { type KeyValueCache, type Past, slotPlaces, wholeSequence } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { CachedDecoder } from './cache/cached-decoder';
import type { CachedPass, PassInputs, PassResults } from './cache/cached-pass';
import { emptyCaches } from './cache/empty-caches';
import type { CausalEncoder } from './causal-encoder';
import type { SequenceLayers } from './causal-sequence';
import { lastOf, runThrough } from './decode-through';

/** Tokens that ran, from the first of their sequences on. */
export interface BegunTokens {
  readonly encoded: EncodedTokens;
  /** (B, N, D), as the last layer gave them. */
  readonly unfinished: tf.Tensor3D;
  /** Of each attention, (B, Hkv, N, d). */
  readonly caches: readonly KeyValueCache[];
}

/**
 * What the tokens of a sequence run through, compiled where the backend can: prompts and what follows them by the same program, so that
 * the weights are held once. What a head makes of the last token is a program of its own, and so is how words are embedded where a
 * prompt may have pictures among them.
 */
export class SequenceProgram {
  readonly #backend = tf.getBackend();
  readonly #encoder: CausalEncoder;
  /** By the features that they embed: a prompt's may be others than those of what follows. */
  readonly #words = new Map<string, Compiled<tf.NamedTensorMap, { tokens: tf.Tensor3D }>>();
  readonly #layers: CachedDecoder;
  readonly #finish: Compiled<tf.NamedTensorMap, Pick<EncodedTokens, 'tokens' | 'pooled'> & tf.NamedTensorMap>;
  readonly #ownOfNext: NonNullable<SequenceLayers['ownOfNext']>;
  readonly #mayBeginEmbedded: boolean;

  constructor({ encoder, cacheSizes, layerWith, ownOfNext = () => ({}), mayBeginEmbedded = false }: SequenceLayers) {
    this.#ownOfNext = ownOfNext;
    this.#mayBeginEmbedded = mayBeginEmbedded;
    this.#encoder = encoder;
    this.#layers = new CachedDecoder({
      cacheSizes,
      decode({ features, memory }, before) {
        const layer = layerWith(memory, features);
        const { encoded, unfinished, past } = runThrough(encoder, features, before, inferenceContext(), layer);
        return { outputs: { tokens: encoded.tokens, pooled: encoded.pooled, unfinished }, past };
      },
    });
    const finish = ({ unfinished, mask }: tf.NamedTensorMap) => {
      const given = {
        tokens: unfinished as tf.Tensor3D,
        mask: mask as tf.Tensor2D,
        rows: rowsOf({ mask }),
        state: wholeSequence,
      };
      const { tokens: finished, pooled } = encoder.finish(given, inferenceContext());
      return { tokens: finished, pooled };
    };
    const dynamicAxes = { unfinished: { 0: 'rows', 1: 'tokens' }, mask: { 0: 'rows', 1: 'tokens' } };
    this.#finish = compiled(finish, { dynamicAxes, maxPrograms: mostPrograms, takesTurns: true });
  }

  /** Whether it was made for the backend that is now current. */
  get isCurrent(): boolean {
    return this.#backend === tf.getBackend();
  }

  /** The words of a batch, as its encoder embeds them. @param batch its features, each (B, N, …) */
  words({ features, rows }: ModalityBatch): Sequence {
    const { tokens } = this.#wordsOf(Object.keys(features).sort())(features);
    return { tokens, mask: features.mask as tf.Tensor2D, rows };
  }

  /**
   * Runs what a sequence begins with.
   *
   * @param features what the encoder embeds, each (B, N, …), or `embeddings` (B, N, D), and `mask` (B, N)
   * @param own      what each token reads for itself, each (B, N, …)
   */
  begin(features: tf.NamedTensorMap, { memory, own }: Read, past: Past): BegunTokens {
    const { cacheSizes } = this.#layers;
    const mask = features.mask as tf.Tensor2D;
    const [rows, length] = mask.shape;
    const { numKeyValueHeads: heads, lengthWithSamePositions } = cacheSizes;
    const { outputs, caches } = this.#run(own, {
      features,
      memory,
      positions: past.positions,
      places: tf.tensor4d(slotPlaces([rows, heads, length], 0), [rows, heads, length, 3], 'int32'),
      biases: past.biases,
      caches: emptyCaches(cacheSizes, rows, length),
      length: lengthWithSamePositions(past.length),
    });
    const [tokens, pooled] = [outputs.tokens as tf.Tensor3D, outputs.pooled as tf.Tensor2D];
    return {
      encoded: { tokens, pooled, mask, rows: rowsOf(features) },
      unfinished: outputs.unfinished as tf.Tensor3D,
      caches,
    };
  }

  /**
   * Runs tokens behind others whose keys and values are known.
   *
   * @param features as {@link begin} takes them, of the new tokens
   * @returns        those alone, and the caches with theirs
   */
  behind(
    features: tf.NamedTensorMap,
    inputs: Omit<PassInputs, 'features' | 'memory'>,
  ): Pick<BegunTokens, 'unfinished' | 'caches'> {
    const { outputs, caches } = this.#run({}, { ...inputs, features, memory: {} });
    return { unfinished: outputs.unfinished as tf.Tensor3D, caches };
  }

  /** What the encoder makes of tokens that ran through all layers. @param unfinished (B, N, D) */
  finish(unfinished: tf.Tensor3D, mask: tf.Tensor2D): EncodedTokens {
    return { ...this.#finish({ unfinished, mask }), mask, rows: rowsOf({ mask }) };
  }

  /**
   * What runs tokens behind a prompt.
   *
   * @param logits of the last token of each row: (B, D), finished, → (B, V)
   */
  pass(logits: (last: tf.Tensor2D) => tf.Tensor2D): CachedPass {
    const run = (inputs: PassInputs): PassResults => {
      const { outputs, caches } = this.#run(this.#ownOfNext(inputs.memory), inputs);
      return { outputs: { logits: logits(lastOf(outputs.tokens as tf.Tensor3D)) }, caches };
    };
    return {
      cacheSizes: this.#layers.cacheSizes,
      run: (inputs) => tf.tidy(() => run(inputs) as unknown as tf.TensorContainer) as unknown as PassResults,
      dispose: () => this.dispose(),
    };
  }

  dispose(): void {
    for (const words of this.#words.values()) words.dispose();
    this.#words.clear();
    this.#layers.dispose();
    this.#finish.dispose();
  }

  #wordsOf(names: readonly string[]): Compiled<tf.NamedTensorMap, { tokens: tf.Tensor3D }> {
    const key = names.join();
    const known = this.#words.get(key);
    if (known) return known;
    const embed = (features: tf.NamedTensorMap) => ({
      tokens: this.#encoder.words({ features, rows: rowsOf(features) }).tokens,
    });
    const dynamicAxes = Object.fromEntries(names.map((name) => [name, { 0: 'rows', 1: 'tokens' }]));
    const made = compiled(embed, { dynamicAxes, maxPrograms: mostPrograms });
    this.#words.set(key, made);
    return made;
  }

  #run(own: tf.NamedTensorMap, { features, ...others }: PassInputs): PassResults {
    const given = this.#mayBeginEmbedded && !features.embeddings ? this.#embedded(features) : features;
    return this.#layers.run({ ...others, features: { ...given, ...own } });
  }

  #embedded(features: tf.NamedTensorMap): tf.NamedTensorMap {
    return { embeddings: this.words({ features, rows: rowsOf(features) }).tokens, mask: features.mask };
  }
}

/** What the layers between read of a prompt: see `SequenceStart`. */
interface Read {
  readonly memory: tf.NamedTensorMap;
  readonly own: tf.NamedTensorMap;
}

/** Those of the last number of rows, and of that before. */
const mostPrograms = 2;

function rowsOf({ mask }: tf.NamedTensorMap): Int32Array {
  return Int32Array.from({ length: mask.shape[0] }, (_, row) => row);
}

const programs = new WeakMap<SequenceLayers, SequenceProgram>();

/** What is kept compiled of some layers, for the current backend. */
export function sequenceProgram(layers: SequenceLayers): SequenceProgram {
  const known = programs.get(layers);
  if (known?.isCurrent) return known;
  known?.dispose();
  const made = new SequenceProgram(layers);
  programs.set(layers, made);
  return made;
}
