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
import { CausalLanguageModel } from './causal-language-model';
import { chooseToken, logitsProcessors } from './choose-token';
import { type GenerationOptions, generationOptions } from './generation-options';

/** How tokens are generated, beside {@link GenerationOptions}. */
export interface GenerationControl {
  /** What is drawn follows from it alone; a new one each time by default. */
  readonly key?: RandomKey;
  /** Stops after the token that is being computed. */
  readonly signal?: AbortSignal;
}

/** Why a text ends: with a token that ends it, or because it is as long as it may be. */
export type FinishReason = 'stop' | 'length';

/** One more token of a text. */
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
 * @param prompts token ids; rows of different lengths do not change each other
 * @throws ConfigError for an option that is unknown or wrong
 * @throws SampleError for a prompt without tokens, or with one that the model lacks
 * @throws ShapeError for a prompt that is longer than the model's texts
 * @throws the reason of the signal, if it is aborted
 */
export async function* generateTokens(
  model: CausalLanguageModel,
  prompts: readonly Int32Array[],
  controlled: GenerationOptions & GenerationControl = {},
): AsyncGenerator<readonly GeneratedToken[], void, undefined> {
  requireArgument(model instanceof CausalLanguageModel, 'generateTokens', 'a CausalLanguageModel', model);
  const areIds = Array.isArray(prompts) && prompts.every((prompt) => prompt instanceof Int32Array);
  requireArgument(areIds, 'generateTokens, prompts', 'a list of token ids, each in an Int32Array', prompts);
  requireArgument(isRecord(controlled), 'generateTokens', 'an object of options', controlled);
  const { key, signal, ...given } = controlled;
  const options = parseConfig(generationOptions, given, 'generation');
  checkPrompts(model, prompts);
  const longest = Math.max(...prompts.map(({ length }) => length));
  const limit = mostNewTokens(options, longest, model.encoder.maxPositionEmbeddings);
  const eosTokenIds = [options.eosTokenId ?? []].flat();
  const minNewTokens = Math.max(options.minNewTokens ?? 0, (options.minLength ?? 0) - longest);
  const processors = logitsProcessors({ ...options, minNewTokens, eosTokenIds });
  const drawing = options.doSample ? (key ?? RandomKey.from(Math.floor(Math.random() * 2 ** 52))) : undefined;
  const texts = prompts.map((prompt) => ({ ids: [...prompt], promptLength: prompt.length, isFinished: false }));

  signal?.throwIfAborted();
  const decoding = model.decoder.start(prompts, Math.min(limit, mostRoomAtOnce));
  try {
    let logits = await decoding.prefill();
    for (let count = 1; ; count++) {
      const tokens: GeneratedToken[] = [];
      for (const [index, text] of texts.entries()) {
        if (text.isFinished) continue;
        const own = logits.subarray(index * model.vocabSize, (index + 1) * model.vocabSize);
        const id = chooseToken(own, text, processors, drawing?.fold(index).fold(count));
        text.ids.push(id);
        const finishReason = eosTokenIds.includes(id) ? 'stop' : count === limit ? 'length' : undefined;
        text.isFinished = finishReason !== undefined;
        tokens.push({ index, id, ...(finishReason && { finishReason }) });
      }
      yield tokens;
      if (texts.every(({ isFinished }) => isFinished)) return;
      await tf.nextFrame(); // lets the signal hear, since computing does not
      signal?.throwIfAborted();
      logits = await decoding.step(Int32Array.from(texts, ({ ids }) => ids[ids.length - 1])); // of finished ones, unheeded
    }
  } finally {
    decoding.dispose();
  }
}

/** Longer texts get more room as they grow, so that a high limit costs nothing. */
const mostRoomAtOnce = 256;
const defaultNewTokens = 20;

function mostNewTokens({ maxNewTokens, maxLength }: GenerationOptions, longest: number, positions: number): number {
  const asked = maxNewTokens ?? (maxLength === undefined ? defaultNewTokens : maxLength - longest);
  if (asked > 0) return Math.min(asked, positions - longest + 1); // the last token is not fed back
  throw new ConfigError({
    where: 'generation.maxLength',
    expected: `more than the ${longest} tokens of the longest prompt`,
    received: String(maxLength),
    hint: 'Say maxNewTokens instead, which does not count the prompt.',
  });
}

function checkPrompts({ encoder, vocabSize }: CausalLanguageModel, prompts: readonly Int32Array[]): void {
  if (prompts.length === 0) throw new SampleError({ expected: 'at least one prompt', received: 'none' });
  for (const [index, prompt] of prompts.entries()) {
    const where = `prompt ${index}`;
    if (prompt.length === 0) {
      const hint = 'Begin with the token that texts of the model begin with.';
      throw new SampleError({ where, expected: 'at least one token', received: 'none', hint });
    }
    const foreign = prompt.find((id) => !(id >= 0 && id < vocabSize));
    if (foreign !== undefined) {
      throw new SampleError({ where, expected: `token ids in [0, ${vocabSize})`, received: String(foreign) });
    }
    if (prompt.length > encoder.maxPositionEmbeddings) {
      const expected = `at most ${encoder.maxPositionEmbeddings} tokens, which the model has positions for`;
      throw new ShapeError({ where, expected, received: String(prompt.length) });
    }
  }
}
