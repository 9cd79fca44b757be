// A contender: the tokenizer of transformers.js, if that is installed in the folder given as the second argument.
import { basename, dirname } from 'node:path';
import { serve } from '../serve';
import { loadTransformersJs } from '../transformers-js-package';
import { readWorkload, type TokenizeResult, tokenize } from './workload';

const [, , folder, place] = process.argv as [string, string, string, string];

await serve<TokenizeResult>(async () => {
  const { model, texts } = readWorkload(folder);
  const { env, AutoTokenizer } = loadTransformersJs(place);
  env.allowRemoteModels = false;
  env.localModelPath = dirname(model);
  const tokenizer = await AutoTokenizer.from_pretrained(basename(model));
  return async (times) => tokenize((text) => tokenizer.encode(text), texts, times);
});
