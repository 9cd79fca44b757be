import { type PretrainedFiles, parseJsonFile } from '@polymodal/hub';
import { z } from 'zod';
import type { TokenizerSettings } from '../tokenization/tokenizer-settings';

const modelConfig = z.looseObject({ model_type: z.string().nullish(), tokenizer_class: z.string().nullish() });

/** What stands beside the tokenizer.json of a folder. */
export function tokenizerSettings({
  tokenizer,
  contents,
}: Pick<PretrainedFiles, 'tokenizer' | 'contents'>): TokenizerSettings {
  const content = contents.get('config.json');
  const model = content && parseJsonFile(content, 'config.json', modelConfig);
  return {
    config: tokenizer?.config ?? {},
    specialTokens: tokenizer?.specialTokens ?? {},
    modelType: model?.model_type ?? undefined,
    modelTokenizerClass: model?.tokenizer_class ?? undefined,
  };
}
