import { type Model, PolymodalError, type Prediction } from '@polymodal/core';
import { inOrder } from '../data/in-order';
import type { JudgedSamples } from '../data/judged-samples';
import { restrictSample } from '../data/restrict-sample';
import type { EvaluateOptions } from './evaluate-options';
import { planBatches } from './plan-batches';

/** Batches whose features are there: the one that is computed, and the next. */
const batchesAtOnce = 2;

/**
 * What a model answers to samples, in their order.
 *
 * @param rows       which of them
 * @param modalities that it is shown of each; by default all that it has
 */
export async function answerSamples(
  model: Model,
  samples: JudgedSamples,
  rows: readonly number[],
  modalities: readonly string[] | undefined,
  { batchSize = 64, signal }: Pick<EvaluateOptions, 'batchSize' | 'signal'>,
): Promise<Prediction[]> {
  const shapes = rows.map((row) => {
    const shape = Object.entries(samples.shapeOf(row));
    return Object.fromEntries(modalities ? shape.filter(([slot]) => modalities.includes(slot)) : shape);
  });
  const batches = planBatches(shapes, batchSize);
  const read = async (batch: number) => {
    const { indices, lengths } = batches[batch];
    const whole = await samples.get(indices.map((index) => rows[index]));
    const shown = modalities ? whole.map((sample) => restrictSample(sample, modalities)) : whole;
    return shown.map((sample) => ({ ...sample, lengths }));
  };
  const predictions = new Array<Prediction>(rows.length);
  let batch = 0;
  for await (const prepared of inOrder(batches.length, batchesAtOnce, read)) {
    const { indices } = batches[batch++];
    const asked = {
      batchSize,
      compile: false, // between epochs the weights change before it pays
      ...(signal && { signal }),
    };
    const answers = await model.predictPrepared(prepared, asked).catch((error) => {
      throw saidOf(error, (place) => rows[indices[place]]);
    });
    indices.forEach((index, place) => {
      predictions[index] = answers[place];
    });
  }
  return predictions;
}

/** An error of a batch, said of the sample that it is of. */
function saidOf(error: unknown, rowOf: (place: number) => number): unknown {
  if (!PolymodalError.isInstance(error)) return error;
  const [named, place] = /^sample (\d+)/.exec(error.where ?? '') ?? [];
  return named === undefined ? error : error.at(error.where!.replace(named, `sample ${rowOf(Number(place))}`));
}
