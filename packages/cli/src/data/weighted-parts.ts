import { type WeightedSamples, weightedSamples } from '@polymodal/data';
import { counted } from '../command/counted';
import type { ConfigFile } from '../config/config-file';
import type { DataParts } from './open-parts';

/** Data with how often samples are learned from. */
export interface WeightedParts {
  readonly data: DataParts;
  /** Of the samples of the part `train`, where the config names a column of them. */
  readonly weights?: WeightedSamples['weights'];
  /** What is said of samples that are left out. */
  readonly remark: string;
}

/**
 * Reads how often samples are learned from, where the config says `data.weights`.
 *
 * @throws as `weightedSamples`, with the line of the config
 */
export async function weightedParts(config: ConfigFile, data: DataParts): Promise<WeightedParts> {
  const { weights: column } = config.project.data;
  if (column === undefined) return { data, remark: '' };
  const { train } = data.parts;
  const { samples, weights } = await config.within('data', () => weightedSamples(train, column));
  const left = train.length - samples.length;
  const remark = left === 0 ? '' : `Of weight 0, and not learned from: ${counted(left, 'sample')} of ${train.length}.`;
  return { data: { ...data, parts: { ...data.parts, train: samples } }, weights, remark };
}
