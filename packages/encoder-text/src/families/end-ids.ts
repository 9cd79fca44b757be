import { type PretrainedFiles, parseJsonFile } from '@polymodal/hub';
import { z } from 'zod';
import type { FileTokenizer } from '../file-tokenizer';

const modelConfig = z.looseObject({ eos_token_id: z.union([z.int(), z.array(z.int())]).nullish() });

/** The ids that end a text: of the token that the tokenizer calls so, else those that config.json names; perhaps none. */
export function endIdsOf(
  { tokenizer, contents }: Pick<PretrainedFiles, 'tokenizer' | 'contents'>,
  file: FileTokenizer,
): readonly number[] {
  const token = tokenizer?.config.eos_token ?? tokenizer?.specialTokens.eos_token;
  const text = typeof token === 'string' ? token : (token as { readonly content?: unknown } | undefined)?.content;
  if (typeof text === 'string' && file.has(text)) return [file.idOf(text)];
  const config = contents.get('config.json');
  const ids = config && parseJsonFile(config, 'config.json', modelConfig).eos_token_id;
  return [ids ?? []].flat();
}
