import { hostTensor, StateError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Decoding } from '../decoding';
import type { TokenDecoder, TokenPrompt } from '../token-decoder';
import { CachedDecoder } from './cached-decoder';
import type { CachedDecoding } from './cached-decoding';
import type { Decodable } from './decodable';
import type { KeptPrompts } from './kept-prompts';
import type { PromptFeatures } from './left-padded';

/**
 * A model whose tokens follow one another. Its features are `inputIds` int32 (B, N), or `embeddings` (B, N, D) of prompts that were
 * embedded already, and its output is `logits` (B, V) of the token after the last.
 */
export interface DecodableTokens extends Decodable {
  readonly vocabSize: number;
  readonly maxLength: number;
}

/** Continues tokens with a cache. It keeps what it compiles for the next sequences, until it is disposed. */
export class CachedTokenDecoder implements TokenDecoder {
  readonly #model: DecodableTokens;
  readonly #cached: CachedDecoder;
  readonly #memory: tf.NamedTensorMap;

  /** @param memory what the sequences are about, each (B, …): see `DecodingInputs` */
  constructor(model: DecodableTokens, cached = new CachedDecoder(model), memory: tf.NamedTensorMap = {}) {
    this.#model = model;
    this.#cached = cached;
    this.#memory = memory;
  }

  get vocabSize(): number {
    return this.#model.vocabSize;
  }

  get maxLength(): number {
    return this.#model.maxLength;
  }

  /** The same for sequences that are about something: each (B, …), by the names that the model gives it. It is not disposed. */
  about(memory: tf.NamedTensorMap): CachedTokenDecoder {
    return new CachedTokenDecoder(this.#model, this.#cached, memory);
  }

  start(prompts: readonly TokenPrompt[], room: number): CachedTokens {
    return new CachedTokens(this.#cached.start(prompts.map(featuresOf), { room, memory: this.#memory }));
  }

  /**
   * What goes on behind prompts that ran through the layers already.
   *
   * @param kept   their keys and values
   * @param logits (B, V) of the token after each, one row after the other
   */
  behind(kept: KeptPrompts, logits: Float32Array): TokenDecoder {
    const { vocabSize, maxLength } = this;
    const start = (_: readonly TokenPrompt[], room: number) =>
      new CachedTokens(this.#cached.start(kept, { room, memory: this.#memory }), logits);
    return { vocabSize, maxLength, start };
  }

  /** Releases what was compiled. */
  dispose(): void {
    this.#cached.dispose();
  }
}

/** Sequences of tokens that are being continued. */
export class CachedTokens implements Decoding<number, Float32Array> {
  readonly #decoding: CachedDecoding;
  readonly #first: Float32Array | undefined;

  /** @param first what may follow the prompts, where that is known already */
  constructor(decoding: CachedDecoding, first?: Float32Array) {
    this.#decoding = decoding;
    this.#first = first;
  }

  /** Slots that there are now. */
  get capacity(): number {
    return this.#decoding.capacity;
  }

  async prefill(): Promise<Float32Array> {
    return this.#first ?? (await this.#decoding.prefill()).logits;
  }

  async step(ids: readonly number[]): Promise<Float32Array> {
    const inputIds = tf.tensor2d(Int32Array.from(ids), [ids.length, 1], 'int32');
    return (await this.#decoding.step({ inputIds })).logits;
  }

  select(rows: readonly number[]): void {
    this.#decoding.select(rows);
  }

  dispose(): void {
    this.#decoding.dispose();
  }
}

function featuresOf(prompt: TokenPrompt): PromptFeatures {
  if (prompt instanceof Int32Array) return { inputIds: hostTensor(prompt, [prompt.length]) };
  if ('embeddings' in prompt) return { embeddings: prompt.embeddings };
  throw new StateError({
    where: 'CachedTokenDecoder',
    expected: 'prompts with their ids or embeddings',
    received: 'one that ran through the layers already',
    hint: 'Give its keys and values too: decoder.behind(kept, logits).',
  });
}
