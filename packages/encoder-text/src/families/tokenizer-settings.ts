import { type PretrainedFiles, parseJsonFile } from '@polymodal/hub';
import { z } from 'zod';
import type { TokenizerSettings } from '../tokenization/as-auto-tokenizer';

const modelType = z.looseObject({ model_type: z.string().nullish() });

/** What stands beside the tokenizer.json of a folder. */
export function tokenizerSettings({
  tokenizer,
  contents,
}: Pick<PretrainedFiles, 'tokenizer' | 'contents'>): TokenizerSettings {
  const config = contents.get('config.json');
  return {
    config: tokenizer?.config ?? {},
    specialTokens: tokenizer?.specialTokens ?? {},
    modelType: (config && parseJsonFile(config, 'config.json', modelType).model_type) ?? undefined,
  };
}
