import {
  ConfigError,
  isRecord,
  parseConfig,
  RandomKey,
  requireArgument,
  SampleError,
  ShapeError,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { chooseToken, logitsProcessors } from './choose-token';
import { type Chosen, continueSequences, type FinishReason } from './continue-sequences';
import { type GenerationOptions, generationOptions } from './generation-options';
import { requireNumbers, requireSignal } from './require-decoding';
import { promptLength, type TokenDecoder, type TokenPrompt } from './token-decoder';

/** How tokens are generated, beside {@link GenerationOptions}. */
export interface GenerationControl {
  /** What is drawn follows from it alone; a new one each time by default. */
  readonly key?: RandomKey;
  /** Stops after the token that is being computed. */
  readonly signal?: AbortSignal;
}

/** One more token of a sequence. */
export interface GeneratedToken {
  /** Which prompt it continues. */
  readonly index: number;
  readonly id: number;
  /** Set at the last one. */
  readonly finishReason?: FinishReason;
}

/**
 * Continues prompts, all of them token by token; the tokens of a turn come together.
 *
 * ```ts
 * for await (const turn of generateTokens(model.decoder, [Int32Array.of(5, 7)], { maxNewTokens: 3 })) console.log(turn[0]?.id);
 * ```
 *
 * @param prompts sequences of different lengths do not change each other
 * @throws ConfigError for an option that is unknown or wrong
 * @throws SampleError for a prompt without tokens, or with one that the decoder lacks
 * @throws ShapeError for a prompt that is longer than the decoder's sequences
 * @throws the reason of the signal, if it is aborted
 */
export async function* generateTokens(
  decoder: TokenDecoder,
  prompts: readonly TokenPrompt[],
  controlled: GenerationOptions & GenerationControl = {},
): AsyncGenerator<readonly GeneratedToken[], void, undefined> {
  requireArgument(isDecoder(decoder), 'generateTokens', 'a decoder of tokens, such as model.decoder', decoder);
  const arePrompts = Array.isArray(prompts) && Array.from(prompts).every(isPrompt); // of a sparse array, the gaps too
  requireArgument(arePrompts, 'generateTokens, prompts', 'a list of token ids, each in an Int32Array', prompts);
  requireArgument(isRecord(controlled), 'generateTokens', 'an object of options', controlled);
  const { key, signal, ...given } = controlled;
  requireArgument(key === undefined || typeof key?.fold === 'function', 'generateTokens, key', 'a RandomKey', key);
  requireSignal(signal, 'generateTokens');
  const options = parseConfig(generationOptions, given, 'generation');
  checkPrompts(decoder, prompts);
  const eosTokenIds = [options.eosTokenId ?? []].flat();
  // Each prompt has limits of its own, by its own length: what stands beside it changes nothing.
  const limits = prompts.map((prompt, index) => mostNewTokens(options, promptLength(prompt), index, decoder.maxLength));
  const processors = prompts.map((prompt) => {
    const minNewTokens = Math.max(options.minNewTokens ?? 0, (options.minLength ?? 0) - promptLength(prompt));
    return logitsProcessors({ ...options, minNewTokens, eosTokenIds });
  });
  const drawing = options.doSample ? (key ?? RandomKey.from(Math.floor(Math.random() * 2 ** 52))) : undefined;
  const sequences = prompts.map(idsOf).map((ids) => ({ ids: [...ids], promptLength: ids.length }));

  const choose = (logits: Float32Array, index: number, step: number): Chosen<number> => {
    requireNumbers(logits, prompts.length * decoder.vocabSize, `${decoder.vocabSize} logits for each sequence`);
    const own = logits.subarray(index * decoder.vocabSize, (index + 1) * decoder.vocabSize);
    const id = chooseToken(own, sequences[index], processors[index], drawing?.fold(index).fold(step));
    sequences[index].ids.push(id);
    const finishReason = eosTokenIds.includes(id) ? 'stop' : step === limits[index] ? 'length' : undefined;
    return { item: id, ...(finishReason && { finishReason }) };
  };
  signal?.throwIfAborted();
  const decoding = decoder.start(prompts, Math.min(Math.max(...limits), mostRoomAtOnce));
  for await (const turn of continueSequences(decoding, prompts.length, choose, signal)) {
    yield turn.map(({ item, ...rest }) => ({ id: item, ...rest }));
  }
}

function isDecoder(decoder: TokenDecoder): boolean {
  return isRecord(decoder) && typeof decoder.start === 'function';
}

function isPrompt(prompt: TokenPrompt): boolean {
  return (
    prompt instanceof Int32Array ||
    (isRecord(prompt) &&
      prompt.ids instanceof Int32Array &&
      (prompt.embeddings instanceof tf.Tensor || typeof prompt.length === 'number'))
  );
}

function idsOf(prompt: TokenPrompt): Int32Array {
  return prompt instanceof Int32Array ? prompt : prompt.ids;
}

/** Longer sequences get more room as they grow, so that a high limit costs nothing. */
const mostRoomAtOnce = 256;
const defaultNewTokens = 20;

function mostNewTokens(
  { maxNewTokens, maxLength }: GenerationOptions,
  length: number,
  index: number,
  positions: number,
): number {
  const asked = maxNewTokens ?? (maxLength === undefined ? defaultNewTokens : maxLength - length);
  if (asked > 0) return Math.min(asked, positions - length + 1); // the last token is not fed back
  throw new ConfigError({
    where: 'generation.maxLength',
    expected: `more than the ${length} tokens of prompt ${index}`,
    received: String(maxLength),
    hint: 'Say maxNewTokens instead, which does not count the prompt.',
  });
}

function checkPrompts({ maxLength, vocabSize }: TokenDecoder, prompts: readonly TokenPrompt[]): void {
  if (prompts.length === 0) throw new SampleError({ expected: 'at least one prompt', received: 'none' });
  for (const [index, prompt] of prompts.entries()) {
    const where = `prompt ${index}`;
    const length = promptLength(prompt);
    if (length === 0) {
      const hint = 'Begin with the token that sequences of the model begin with.';
      throw new SampleError({ where, expected: 'at least one token', received: 'none', hint });
    }
    const foreign = idsOf(prompt).find((id) => !(id >= 0 && id < vocabSize));
    if (foreign !== undefined) {
      throw new SampleError({ where, expected: `token ids in [0, ${vocabSize})`, received: String(foreign) });
    }
    if (length > maxLength) {
      const expected = `at most ${maxLength} tokens, which the model has positions for`;
      throw new ShapeError({ where, expected, received: String(length) });
    }
  }
}
