import { type Context, inferenceContext, type ModalityBatch, Module } from '@polymodal/core';
import {
  CachedTokenDecoder,
  type CacheSizes,
  type CausalEncoder,
  type DecodableTokens,
  type Decoded,
  type DecodingInputs,
  decodeThrough,
} from '@polymodal/generation';
import { Linear, linear, type Past } from '@polymodal/nn';
import type * as tf from '@tensorflow/tfjs-core';

/**
 * A causal encoder and the head that guesses the next token (HF `GPT2LMHeadModel`, `LlamaForCausalLM`, `Qwen2ForCausalLM`).
 * The head's weight is its own, or that of the token embeddings.
 *
 * ```ts
 * const { model } = await loadPretrained(causalLanguageModels, 'openai-community/gpt2'); // a CausalLanguageModel
 * for await (const [token] of generateTokens(model.decoder, [Int32Array.of(464, 3290)])) console.log(token?.id);
 * ```
 */
export class CausalLanguageModel<E extends CausalEncoder = CausalEncoder> extends Module implements DecodableTokens {
  readonly encoder: E;
  /** Undefined where its weight is tied to the embeddings. */
  readonly lmHead: Linear | undefined;
  #decoder: CachedTokenDecoder | undefined;

  constructor(encoder: E, { tied }: { readonly tied: boolean }) {
    super();
    this.encoder = encoder;
    const { hiddenSize, tokenEmbeddings } = encoder;
    this.lmHead = tied ? undefined : new Linear(hiddenSize, tokenEmbeddings.numEmbeddings, { bias: false });
  }

  /** V, which ids lie below. */
  get vocabSize(): number {
    return this.encoder.tokenEmbeddings.numEmbeddings;
  }

  /** Most tokens of a text. */
  get maxLength(): number {
    return this.encoder.maxPositionEmbeddings;
  }

  get cacheSizes(): CacheSizes {
    return this.encoder.cacheSizes;
  }

  /** @returns the logits of the token after each, (P, N, V) */
  forward(batch: ModalityBatch, context: Context = inferenceContext()): tf.Tensor3D {
    return this.logits(this.encoder.encode(batch, context).tokens);
  }

  /**
   * @param tokens (…, D), finished
   * @returns (…, V)
   */
  logits<T extends tf.Tensor>(tokens: T): T {
    return this.lmHead ? this.lmHead.forward(tokens) : linear(tokens, this.encoder.tokenEmbeddings.weight.value);
  }

  decode({ features }: DecodingInputs, before: Past): Decoded {
    const { last, past } = decodeThrough(this.encoder, features, before);
    return { outputs: { logits: this.logits(last) }, past };
  }

  /** Continues texts token by token. It keeps what it compiles for the next texts, until the model is disposed. */
  get decoder(): CachedTokenDecoder {
    this.#decoder ??= new CachedTokenDecoder(this);
    return this.#decoder;
  }

  override dispose(): void {
    this.#decoder?.dispose();
    this.#decoder = undefined;
    super.dispose();
  }
}
