import { FileFormatError } from '@polymodal/core';
import type { Json } from '../read/file-part';
import type { TokenizerSettings } from '../tokenizer-settings';
import { followedClasses } from './followed-classes';
import { otherClasses } from './other-classes';
import type { TokenizerClass } from './tokenizer-class';

/**
 * The class that `AutoTokenizer` takes, as one that is followed here; undefined where it takes the file as it stands: for
 * `PreTrainedTokenizerFast`, for a class that transformers does not know, and for the files of Llama 3.
 *
 * @throws FileFormatError for a class that makes its tokenizer in another way, by its name
 */
export function classFor(
  file: Json,
  config: Json,
  { modelType, modelTokenizerClass }: TokenizerSettings,
): TokenizerClass | undefined {
  const given = config.tokenizer_class ?? modelTokenizerClass;
  const named = typeof given === 'string' ? given.replace(/Fast$/, '') : undefined;
  const registered = modelType === undefined ? undefined : classesOfModels[modelType];
  if (named === 'LlamaTokenizer' && modelType !== 'qwen2' && hasByteLevel(file)) return undefined;
  const name = modelType === 'qwen2' ? registered : (named ?? registered); // what its folders name is often wrong
  if (name === undefined) return undefined;
  if (!Object.hasOwn(followedClasses, name)) {
    if (!otherClasses.has(name)) return undefined;
    throw new FileFormatError({
      where: 'tokenizer_config.json, tokenizer_class',
      expected: `one of ${Object.keys(followedClasses).join(', ')}, PreTrainedTokenizerFast`,
      received: `"${name}", which makes another tokenizer of the vocabulary than stands in tokenizer.json`,
      hint: 'If tokenizer.json is what you want, set the tokenizer_class to "PreTrainedTokenizerFast".',
    });
  }
  const found = followedClasses[name];
  const type = (file.model as Json).type ?? found.model;
  if (type === found.model) return found;
  throw new FileFormatError({
    where: 'tokenizer_config.json, tokenizer_class',
    expected: `a class for a tokenizer.json whose model is ${String(type).slice(0, 40)}`,
    received: `"${name}", which is for ${found.model}`,
    hint: 'If tokenizer.json is what you want, set the tokenizer_class to "PreTrainedTokenizerFast".',
  });
}

/** The classes that are taken for models whose files name none. */
const classesOfModels: Readonly<Record<string, string>> = {
  bert: 'BertTokenizer',
  clap: 'RobertaTokenizer',
  clip: 'CLIPTokenizer',
  gpt2: 'GPT2Tokenizer',
  qwen2: 'Qwen2Tokenizer',
  roberta: 'RobertaTokenizer',
  'xlm-roberta': 'XLMRobertaTokenizer',
};

/** Python looks for the word in the file, be it a component or a token. */
function hasByteLevel({ normalizer, pre_tokenizer, decoder, post_processor, model }: Json): boolean {
  const isComponent = JSON.stringify([normalizer, pre_tokenizer, decoder, post_processor]).includes('"ByteLevel"');
  return isComponent || Object.hasOwn((model as Json).vocab ?? {}, 'ByteLevel');
}
