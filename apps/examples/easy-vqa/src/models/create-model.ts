import { isLooking, type Method } from '../methods';
import type { Options } from '../options';
import { fromScratch } from './from-scratch';
import type { VqaModel } from './vqa-model';
import { withLanguageModel } from './with-language-model';
import { withTextTower } from './with-text-tower';

/** The model of a method, with initial values for all that is not pretrained. Folders are there, since the options have been checked. */
export async function createModel(method: Method, options: Options, answers: readonly string[]): Promise<VqaModel> {
  const { seed, languageModel, textTower } = options;
  if (isLooking(method)) return withLanguageModel(method, languageModel!, seed);
  if (method === 'text-tower') return withTextTower(textTower!, answers, seed);
  return fromScratch(method, answers, seed);
}
