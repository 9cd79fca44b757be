// A contender: our tokenizer.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileTokenizer } from '@polymodal/encoder-text';
import { serve } from '../serve';
import { readWorkload, type TokenizeResult, tokenize } from './workload';

const [, , folder] = process.argv as [string, string, string];

await serve<TokenizeResult>(async () => {
  const { model, texts } = readWorkload(folder);
  const tokenizer = new FileTokenizer(readFileSync(join(model, 'tokenizer.json')), 'tokenizer.json');
  return async (times) => tokenize((text) => tokenizer.encode(text, Number.MAX_SAFE_INTEGER).ids, texts, times);
});
