import { type Model, type Sample, sampleShape } from '@polymodal/core';
import type { BatchSize } from './batch-size';
import type { Dataset } from './dataset';
import type { SampleShape } from './sample-shape';
import { TokenCounter } from './token-counter';
import { tokensOfRow } from './tokens-at-random';

/**
 * The first samples of a data set, as many as a batch has: what a step takes is tried with them, before there is a training.
 *
 * @throws SampleError for one that cannot be read
 */
export async function firstBatch(model: Model, data: Dataset, batchSize: BatchSize): Promise<Sample[]> {
  const samples: Sample[] = [];
  const shapes: SampleShape[] = [];
  const counter = new TokenCounter(model);
  for (let index = 0; index < data.length; index++) {
    if (samples.length === batchSize) break;
    const sample = await data.get(index);
    if (typeof batchSize !== 'number') {
      const prepared = await model.prepare(sample, undefined, `sample ${index}`);
      const shape = sampleShape(model, prepared);
      counter.see(prepared, shape);
      shapes.push(shape);
      if (index > 0 && shapes.length * tokensOfRow(shapes, counter) > batchSize.tokens) break;
    }
    samples.push(sample);
  }
  return samples;
}
