import { askPart, type Model, PolymodalError, type Prediction, type PreparedSample } from '@polymodal/core';
import { inOrder } from '../data/in-order';
import type { JudgedSamples } from '../data/judged-samples';
import { restrictSample } from '../data/restrict-sample';
import type { EvaluateOptions } from './evaluate-options';
import type { JudgedLosses } from './judged-losses';
import { planBatches } from './plan-batches';

/** Batches whose features are there: the one that is computed, and the next. */
const batchesAtOnce = 2;

/** Answers, and what should have been answered. */
export interface JudgedAnswers {
  readonly predictions: readonly Prediction[];
  /** Of the same samples, by head. */
  readonly targets: readonly PreparedSample['targets'][];
}

/**
 * What a model answers to samples, in their order. Heads that learn from answers within values are asked by themselves, without these.
 *
 * @param rows       which of them
 * @param modalities that it is shown of each; by default all that it has
 * @param losses     is told of all samples that are answered
 */
export async function answerSamples(
  model: Model,
  samples: JudgedSamples,
  rows: readonly number[],
  modalities: readonly string[] | undefined,
  { batchSize = 64, signal }: Pick<EvaluateOptions, 'batchSize' | 'signal'>,
  losses?: JudgedLosses,
): Promise<JudgedAnswers> {
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
  const predictions: Record<string, unknown>[] = rows.map(() => ({}));
  const targets = rows.map((row) => ({ ...samples.targets[row] }));
  const asked = { batchSize, ...(signal && { signal }), compile: false }; // between epochs the weights change before it pays
  let batch = 0;
  for await (const prepared of inOrder(batches.length, batchesAtOnce, read)) {
    const { indices } = batches[batch++];
    const slots = Object.keys(prepared[0].features); // of a batch all have the same
    const isAsked = (name: string) => {
      const { evaluate, calibrate } = model.heads[name];
      return (evaluate ?? calibrate) !== undefined && model.routeOf(name as never, slots).answers;
    };
    const heads = Object.keys(model.heads).filter(isAsked);
    signal?.throwIfAborted();
    await losses?.add(prepared, rows[indices[0]]);
    const judged = (names: readonly string[]) =>
      Object.fromEntries(names.map((name) => [name, { ...model.heads[name].judgedWith }]));
    const predict = async (some: readonly JudgedSample[], names: readonly string[]) => {
      if (some.length === 0 || names.length === 0) return;
      const whole = some.map(({ sample }) => sample);
      const answers = await model.predictPrepared(whole, { ...asked, heads: judged(names) as never }).catch((error) => {
        throw saidOf(error, (place) => rows[some[place].index]);
      });
      some.forEach(({ index }, place) => {
        Object.assign(predictions[index], answers[place]);
      });
    };
    const all = prepared.map((sample, place) => ({ sample, index: indices[place] }));
    await predict(
      all,
      heads.filter((name) => !model.heads[name].asked),
    );
    for (const name of heads.filter((own) => model.heads[own].asked)) {
      const some = all.flatMap(({ sample, index }) => {
        delete targets[index][name]; // all that is learned of the sample
        const own = askPart(`head "${name}"`, 'asked()', () => model.heads[name].asked?.(sample.features));
        if (!own) return [];
        targets[index][name] = own.target;
        return [{ sample: { ...sample, features: own.features }, index }];
      });
      await predict(some, [name]);
    }
  }
  return { predictions, targets };
}

/** A sample as heads are asked of it, and its place among those that are judged. */
interface JudgedSample {
  readonly sample: PreparedSample;
  readonly index: number;
}

/** An error of a batch, said of the sample that it is of. */
function saidOf(error: unknown, rowOf: (place: number) => number): unknown {
  if (!PolymodalError.isInstance(error)) return error;
  const [named, place] = /^sample (\d+)/.exec(error.where ?? '') ?? [];
  return named === undefined ? error : error.at(error.where!.replace(named, `sample ${rowOf(Number(place))}`));
}
