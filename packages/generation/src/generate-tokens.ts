import {
  ConfigError,
  isRecord,
  parseConfig,
  type RandomKey,
  requireArgument,
  SampleError,
  ShapeError,
  type TokenCodec,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { chooseTokens } from './choose-tokens';
import { constraintOf } from './constraint/constraint';
import { continueSequences, type FinishReason } from './continue-sequences';
import { type GenerationOptions, generationOptions } from './generation-options';
import { GrowingSequence } from './growing-sequence';
import type { LogitsProcessor } from './logits/logits-processor';
import { repeatedDecoding } from './repeated-decoding';
import { requireCacheRoom } from './require-cache-room';
import { requireNumbers, requireSignal } from './require-decoding';
import { searchBeams } from './search-beams';
import { rowsOf, sequenceRules } from './sequence-rules';
import { stopStrings } from './stop-strings';
import { promptLength, type TokenDecoder, type TokenPrompt } from './token-decoder';

/** How tokens are generated, beside {@link GenerationOptions}. */
export interface GenerationControl {
  /** What is drawn follows from it alone; a new one each time by default. */
  readonly key?: RandomKey;
  /** Stops after the token that is being computed. */
  readonly signal?: AbortSignal;
  /** What texts the tokens stand for: what `stopStrings` and `constraint` need. */
  readonly codec?: TokenCodec | undefined;
  /** Most bytes of keys and values: what may need more is refused before anything is computed. 8 GiB by default. */
  readonly maxCacheBytes?: number | undefined;
  /** More processors of the logits behind each prompt, which run before what only drawing reads. */
  readonly processors?: ((index: number) => readonly LogitsProcessor[]) | undefined;
}

/** One more token of a sequence. */
export interface GeneratedToken {
  /** Which prompt it continues. */
  readonly index: number;
  /** Which of the sequences behind this prompt, from 0. */
  readonly sequence: number;
  readonly id: number;
  /** Set at the last one. */
  readonly finishReason?: FinishReason;
  /** Of beams, set at the last one: the log-probability of the sequence by the power `lengthPenalty` of its length. */
  readonly score?: number;
}

/**
 * Continues prompts, all of them token by token; the tokens of a turn come together, and those of search in beams all at the end.
 *
 * ```ts
 * for await (const turn of generateTokens(model.decoder, [Int32Array.of(5, 7)], { maxNewTokens: 3 })) console.log(turn[0]?.id);
 * ```
 *
 * @param prompts sequences of different lengths do not change each other
 * @throws ConfigError for an option that is unknown or wrong, for some that contradict one another, and for a cache that may need too much
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
  const { key, signal, codec, maxCacheBytes, processors, ...given } = controlled;
  requireArgument(key === undefined || typeof key?.fold === 'function', 'generateTokens, key', 'a RandomKey', key);
  requireSignal(signal, 'generateTokens');
  const options = parseConfig(generationOptions, given, 'generation');
  checkOptions(options);
  checkPrompts(decoder, prompts);
  // Each prompt has limits of its own, by its own length: what stands beside it changes nothing.
  const limits = prompts.map((prompt, index) => mostNewTokens(options, promptLength(prompt), index, decoder.maxLength));
  requireCacheRoom(decoder, prompts, limits, options, maxCacheBytes);
  const endsWith = options.stopStrings ? stopStrings([options.stopStrings].flat(), codec) : undefined;
  const constraint = options.constraint && constraintOf(options.constraint, codec);
  const rules = prompts.map((prompt, index) => {
    const more = { endsWith, constraint, processors: processors?.(index) };
    return sequenceRules(options, promptLength(prompt), limits[index], more);
  });
  const begun = prompts.map((prompt) => new GrowingSequence(idsOf(prompt), constraint));
  const copies = rowsOf(options);
  const choose =
    (options.numBeams ?? 1) > 1 ? searchBeams(begun, rules, options) : chooseTokens(begun, rules, options, key);
  signal?.throwIfAborted();
  const decoding = decoder.start(prompts, Math.min(Math.max(...limits), mostRoomAtOnce));
  let rows = prompts.length * copies; // fewer, once some have ended
  const checked = (logits: Float32Array, step: number) => {
    requireNumbers(logits, rows * decoder.vocabSize, `${decoder.vocabSize} logits for each sequence`);
    const turn = choose(logits, step);
    rows = turn.next?.items.length ?? 0;
    return turn;
  };
  yield* continueSequences(repeatedDecoding(decoding, prompts.length, copies), checked, signal);
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

/** Longer sequences get more room as they grow, so that a high limit costs nothing: every step looks at all the room that there is. */
const mostRoomAtOnce = 48;
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

/** As Python's `generate`, and no draws among beams. */
function checkOptions({
  numBeams = 1,
  numReturnSequences = 1,
  doSample = false,
  stopStrings: strings,
  constraint,
}: GenerationOptions): void {
  if (strings !== undefined && constraint) {
    const expected = 'none beside a constraint: a text that ended there would not keep it';
    const hint = 'A constraint says itself where a text ends.';
    throw new ConfigError({ where: 'generation.stopStrings', expected, received: [strings].flat().join(', '), hint });
  }
  const where = 'generation.numReturnSequences';
  if (numBeams > 1 && doSample) {
    const expected = 'false with numBeams, since the likeliest sequences are sought';
    throw new ConfigError({ where: 'generation.doSample', expected, received: 'true' });
  }
  if (numBeams > 1 && numReturnSequences > numBeams) {
    const expected = `at most ${numBeams}, the number of beams`;
    throw new ConfigError({ where, expected, received: String(numReturnSequences) });
  }
  if (numBeams === 1 && numReturnSequences > 1 && !doSample) {
    const hint = 'Ask to draw (doSample: true), or for the best of some beams (numBeams).';
    const expected = '1 where the likeliest token is taken, since all would be the same';
    throw new ConfigError({ where, expected, received: String(numReturnSequences), hint });
  }
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
