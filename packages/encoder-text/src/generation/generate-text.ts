import { ConfigError, isRecord, requireArgument, StateError } from '@polymodal/core';
import {
  type FinishReason,
  type GenerationControl,
  type GenerationOptions,
  generateTokens,
} from '@polymodal/generation';
import { generationConfig } from '@polymodal/generation/pretrained';
import type { LoadedPretrained } from '@polymodal/hub';
import type { TextProcessor } from '../text-processor';
import { CausalLanguageModel } from './causal-language-model';
import { type DecodeText, GrowingText } from './growing-text';

/** What `loadPretrained(causalLanguageModels, …)` gives, as far as texts are generated from it. */
export type LoadedLanguageModel = Pick<LoadedPretrained, 'configFile' | 'contents'> & {
  readonly model: CausalLanguageModel;
  readonly processor: TextProcessor | undefined;
};

/** More of a text. */
export interface TextPiece {
  /** Which prompt it continues. */
  readonly index: number;
  /** Whole characters; may be ''. */
  readonly text: string;
  /** The token that it came with. */
  readonly id: number;
  /** Set at the last piece. */
  readonly finishReason?: FinishReason;
}

/** What follows a prompt. */
export interface GeneratedText {
  readonly text: string;
  /** Those that were added, also that which ended the text. */
  readonly ids: Int32Array;
  readonly finishReason: FinishReason;
}

/**
 * Continues prompts, as `generate` of Python's transformers does, with the options that the model came with unless told
 * otherwise.
 *
 * ```ts
 * import { causalLanguageModels, generate } from '@polymodal/encoder-text/pretrained';
 * import { loadPretrained } from '@polymodal/hub';
 *
 * const gpt2 = await loadPretrained(causalLanguageModels, 'openai-community/gpt2');
 * const [continued] = await generate(gpt2, ['The dog sees'], { maxNewTokens: 8 });
 * console.log(continued?.text);
 * ```
 *
 * @throws what {@link streamText} throws
 */
export async function generate(
  loaded: LoadedLanguageModel,
  prompts: readonly string[],
  options: GenerationOptions & GenerationControl = {},
): Promise<GeneratedText[]> {
  const texts: { text: string; ids: number[]; finishReason: FinishReason }[] = [];
  for await (const { index, text, id, finishReason } of streamText(loaded, prompts, options)) {
    texts[index] ??= { text: '', ids: [], finishReason: 'length' };
    texts[index].text += text;
    texts[index].ids.push(id);
    if (finishReason) texts[index].finishReason = finishReason;
  }
  return texts.map((text) => ({ ...text, ids: Int32Array.from(text.ids) }));
}

/**
 * {@link generate}, piece by piece as they come.
 *
 * ```ts
 * const gpt2 = await loadPretrained(causalLanguageModels, 'openai-community/gpt2');
 * for await (const { text } of streamText(gpt2, ['The dog sees'], { maxNewTokens: 8 })) process.stdout.write(text);
 * ```
 *
 * @throws ConfigError for an option that is unknown, wrong, or not implemented and asked for by the model's files
 * @throws SampleError for an empty prompt
 * @throws ShapeError for a prompt that is longer than the model's texts
 * @throws StateError for a model without tokenizer
 * @throws the reason of the signal, if it is aborted
 */
export async function* streamText(
  loaded: LoadedLanguageModel,
  prompts: readonly string[],
  options: GenerationOptions & GenerationControl = {},
): AsyncGenerator<TextPiece, void, undefined> {
  requireArgument(loaded?.model instanceof CausalLanguageModel, 'generate', loadedModel, loaded);
  requireArgument(isTexts(prompts), 'generate, prompts', 'a list of texts', prompts);
  requireArgument(isRecord(options), 'generate', 'an object of options', options);
  const { encode, decode } = tokenizerOf(loaded);
  const ids = prompts.map(encode);
  const texts = ids.map((prompt) => new GrowingText(decode, prompt));
  for await (const turn of generateTokens(loaded.model.decoder, ids, withDefaults(loaded, options))) {
    for (const token of turn) {
      const text = texts[token.index].add(token.id);
      yield { ...token, text: token.finishReason ? text + texts[token.index].end() : text };
    }
  }
}

const loadedModel = 'what loadPretrained gives for one of causalLanguageModels';

function isTexts(values: unknown): values is readonly string[] {
  return Array.isArray(values) && values.every((value) => typeof value === 'string');
}

/** A length that is given replaces both that the model came with. */
function withDefaults({ contents, configFile }: LoadedLanguageModel, options: GenerationOptions): GenerationOptions {
  const { maxLength, maxNewTokens, ...defaults } = generationConfig(contents, configFile, options.doSample);
  const isGiven = options.maxLength !== undefined || options.maxNewTokens !== undefined;
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return { ...defaults, ...(!isGiven && { maxLength, maxNewTokens }), ...given };
}

function tokenizerOf({ processor }: LoadedLanguageModel): { encode(text: string): Int32Array; decode: DecodeText } {
  if (!processor) {
    const expected = 'a model with a tokenizer';
    throw new StateError({
      where: 'generate',
      expected,
      received: 'one whose folder has no tokenizer.json',
      hint: 'Continue token ids with generateTokens of @polymodal/generation.',
    });
  }
  const { tokenizer } = processor;
  const decode = tokenizer.decode?.bind(tokenizer);
  if (!decode)
    throw new ConfigError({ where: 'tokenizer', expected: 'one that decodes', received: 'one that does not' });
  return { encode: (text) => tokenizer.encode(text, Number.MAX_SAFE_INTEGER).ids, decode };
}
