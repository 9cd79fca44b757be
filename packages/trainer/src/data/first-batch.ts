import {
  isInterleaving,
  type Model,
  mostValues,
  type PreparedSample,
  RandomKey,
  type Sample,
  sampleShape,
} from '@polymodal/core';
import { assignGroups } from '../optimizers/parameter-groups';
import type { StageOptions } from '../stage-options';
import { largestWeights } from '../weighing/loss-weight';
import type { Dataset } from './dataset';
import { KeptBytes } from './kept-bytes';
import { KindExamples } from './kind-examples';
import { type RowSizes, rowSizesOf } from './row-sizes';
import { modalitiesOf, ownLengths, type SampleShape } from './sample-shape';
import { TokenCounter } from './token-counter';
import { tokensOfRow } from './tokens-at-random';

/** What decides how many samples a batch has. */
export type FirstBatchOptions = Pick<StageOptions, 'batchSize' | 'packing' | 'train' | 'freeze' | 'lossWeights'> & {
  readonly rematerialize?: boolean;
};

/** Samples that are computed at a time. */
export interface FirstBatch {
  readonly samples: readonly Sample[];
  /** Where they share rows, how many there are in each. */
  readonly rowSizes?: readonly number[];
}

/**
 * The first samples of a data set, about as many as a batch has: what a step takes is tried with them, before there is a training.
 *
 * @throws SampleError for one that cannot be read
 */
export async function firstBatch(model: Model, data: Dataset, options: FirstBatchOptions): Promise<FirstBatch> {
  const { batchSize = 32, packing = false } = options;
  if (packing !== false && typeof batchSize === 'number') return packed(model, data, batchSize, packing);
  const samples: Sample[] = [];
  const isFull = typeof batchSize === 'number' ? undefined : fullness(model, batchSize, options);
  for (let index = 0; index < data.length && samples.length !== batchSize; index++) {
    const sample = await data.get(index);
    if (isFull?.(await model.prepare(sample, undefined, `sample ${index}`)) && index > 0) break;
    samples.push(sample);
  }
  return { samples };
}

/** Whether samples, told one by one, are more than a budget holds. */
function fullness(
  model: Model,
  batchSize: { readonly tokens: number } | { readonly bytes: number },
  { train, freeze, lossWeights = {}, rematerialize = false }: FirstBatchOptions,
): (prepared: PreparedSample) => boolean {
  const shapes: SampleShape[] = [];
  if ('tokens' in batchSize) {
    const counter = new TokenCounter(model);
    return (prepared) => {
      shapes.push(sampleShape(model, prepared));
      counter.see(prepared, shapes.at(-1));
      return shapes.length * tokensOfRow(shapes, counter) > batchSize.tokens;
    };
  }
  const learning = { learningRate: 0, weightDecay: 0, ...(train && { train }), ...(freeze && { freeze }) };
  const examples = new KindExamples();
  const kept = new KeptBytes(model, examples, {
    parameters: assignGroups(model, [], learning),
    lossWeights: largestWeights(lossWeights),
    rematerialize,
    key: RandomKey.from(0),
  });
  let bytes = 0;
  return (prepared) => {
    const shape = sampleShape(model, prepared);
    examples.see(prepared, shape);
    bytes += kept.of(1, shape, modalitiesOf(shape), ownLengths(shape));
    return bytes > batchSize.bytes;
  };
}

/** Samples that tell how long a row has to be. */
const lookedAt = 256;

/** The first samples one behind the other, in so many rows. */
async function packed(
  model: Model,
  data: Dataset,
  rows: number,
  packing: true | { readonly tokens: number },
): Promise<FirstBatch> {
  const host = Object.keys(model.processors).find((slot) => isInterleaving(model.processors[slot]))!; // see requirePacking
  const count = Math.min(lookedAt, data.length);
  const all = await Promise.all(Array.from({ length: count }, (_, index) => data.get(index)));
  const sizes = await Promise.all(
    all.map(async (sample, index) => rowSizesOf(model, await model.prepare(sample, undefined, `sample ${index}`))),
  );
  const tokens = packing === true ? Math.max(...sizes.map((own) => own[host])) : packing.tokens;
  const room: RowSizes = { ...mostValues(model.processors), [host]: tokens };
  const rowSizes: number[] = [];
  let left: Record<string, number> = {};
  for (const size of sizes) {
    const isFull = Object.keys(room).some((part) => (size[part] ?? 0) > (left[part] ?? 0));
    if (isFull && rowSizes.length === rows) break;
    if (isFull) [left] = [{ ...room }, rowSizes.push(0)];
    for (const part of Object.keys(room)) left[part] -= size[part] ?? 0;
    rowSizes[rowSizes.length - 1]++;
  }
  return {
    samples: all.slice(
      0,
      rowSizes.reduce((sum, own) => sum + own, 0),
    ),
    rowSizes,
  };
}
