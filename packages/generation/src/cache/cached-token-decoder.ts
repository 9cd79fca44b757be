import { hostTensor, StateError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Decoding } from '../decoding';
import type { TokenDecoder, TokenPrompt } from '../token-decoder';
import { CachedDecoder } from './cached-decoder';
import { CachedDecoding, cacheBytes, type StartOptions } from './cached-decoding';
import type { CachedPass } from './cached-pass';
import type { Decodable } from './decodable';
import type { KeptPrompts } from './kept-prompts';
import type { PromptFeatures } from './left-padded';

/**
 * A model whose tokens follow one another. Its features are `inputIds` int32 (B, N), or `embeddings` (B, N, D) of prompts that were
 * embedded already, and its output is `logits` (B, V) of the token after the last.
 */
export interface DecodableTokens extends Decodable, TokenSizes {}

/** How many tokens there are, and how many a sequence may have. */
type TokenSizes = Pick<TokenDecoder, 'vocabSize' | 'maxLength'>;

/** Continues tokens with a cache. It keeps what it compiles for the next sequences, until it is disposed. */
export class CachedTokenDecoder implements TokenDecoder {
  readonly #sizes: TokenSizes;
  readonly #pass: CachedPass;
  readonly #memory: tf.NamedTensorMap;

  constructor(model: DecodableTokens);
  /**
   * @param pass   what runs the tokens, where that is more than one program
   * @param memory what the sequences are about, each (B, …): see `DecodingInputs`
   */
  constructor(sizes: TokenSizes, pass: CachedPass, memory?: tf.NamedTensorMap);
  constructor(sizes: TokenSizes, pass?: CachedPass, memory: tf.NamedTensorMap = {}) {
    this.#sizes = sizes;
    this.#pass = pass ?? new CachedDecoder(sizes as DecodableTokens);
    this.#memory = memory;
  }

  get vocabSize(): number {
    return this.#sizes.vocabSize;
  }

  get maxLength(): number {
    return this.#sizes.maxLength;
  }

  /** The same for sequences that are about something: each (B, …), by the names that the model gives it. It is not disposed. */
  about(memory: tf.NamedTensorMap): CachedTokenDecoder {
    return new CachedTokenDecoder(this.#sizes, this.#pass, memory);
  }

  cacheBytes(rows: number, length: number): number {
    return cacheBytes(this.#pass.cacheSizes, rows, length);
  }

  start(prompts: readonly TokenPrompt[], room: number): CachedTokens {
    return new CachedTokens(new CachedDecoding(this.#pass, prompts.map(featuresOf), this.#options(room)));
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
      new CachedTokens(new CachedDecoding(this.#pass, kept, this.#options(room)), logits);
    return { vocabSize, maxLength, cacheBytes: (rows, length) => this.cacheBytes(rows, length), start };
  }

  /** Releases what was compiled. */
  dispose(): void {
    this.#pass.dispose();
  }

  #options(room: number): StartOptions {
    return { maxLength: this.maxLength, room, memory: this.#memory, overwrites: true };
  }
}

/** Sequences of tokens that are being continued. The logits of a step are read before the next, which writes over them. */
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
