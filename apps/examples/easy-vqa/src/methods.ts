import { type FusionMethod, fusionMethods } from '@polymodal/example-material';
import { type Looking, waysOfLooking } from './models/with-language-model';

/** What is compared, by how tables call it. */
export type Method = FusionMethod | 'text-tower' | Looking;

/** The fusions, of models that are learned from nothing. */
export const methodsFromScratch = Object.keys(fusionMethods) as FusionMethod[];

/** All of them, in the order of tables. */
export const methods: readonly Method[] = [...methodsFromScratch, 'text-tower', ...waysOfLooking];

/** Whether a language model writes the answers. */
export function isLooking(method: Method): method is Looking {
  return waysOfLooking.some((one) => one === method);
}
