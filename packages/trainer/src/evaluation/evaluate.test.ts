import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { ClassHead, tinyModel, tinySamples } from '../testing/tiny-model';
import { evaluate, evaluateSubsets } from './evaluate';
import { wilsonInterval } from './wilson-interval';

const quiet = { progress: false } as const;

describe('evaluateSubsets', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('gives each subset the accuracy of predictions on samples cut down to it', async () => {
    const model = tinyModel();
    const samples = tinySamples(50, 9, 0.4);
    const figures = await evaluateSubsets(model, samples, quiet);
    for (const subset of [['a'], ['b', 'c'], ['a', 'b', 'c']]) {
      const having = samples.filter((sample) => subset.every((name) => name in sample));
      const cut = having.map((sample) => ({
        ...Object.fromEntries(subset.map((name) => [name, (sample as Record<string, unknown>)[name]])),
      }));
      const right = (await model.predict(cut)).filter(({ digit }, row) => digit === having[row].targets.digit).length;
      const { count, metrics, intervals } = figures[subset.join('+')].digit;
      expect(count).toBe(having.length);
      expect(metrics.accuracy).toBe(right / having.length);
      expect(intervals.accuracy).toEqual(wilsonInterval(right / having.length, having.length));
    }
  });

  it('leaves out subsets that no sample has and heads that cannot run', async () => {
    const heads = { digit: new ClassHead(3, 4, 'digit', { count: 2 }), any: new ClassHead() };
    const samples = tinySamples(6, 9, 0, ['a', 'b']);
    const figures = await evaluateSubsets(tinyModel({ heads }), samples, quiet);
    expect(Object.keys(figures)).toEqual(['a', 'b', 'a+b']);
    expect(Object.keys(figures.a)).toEqual(['any']);
    expect(Object.keys(figures['a+b'])).toEqual(['digit', 'any']);
    const pairs = tinyModel({ heads: { digit: new ClassHead(3, 4, 'digit', { count: 2 }) } });
    expect(Object.keys(await evaluateSubsets(pairs, samples, quiet))).toEqual(['a+b']);
  });

  it('counts only samples that have the target of the head', async () => {
    const samples = tinySamples(9).map((own, i) => (i < 4 ? { ...own, targets: { other: 1 } } : own));
    const { digit } = await evaluate(tinyModel(), samples, quiet);
    expect(digit.count).toBe(5);
  });

  it('refuses a subset with a modality that the model does not have', async () => {
    await expect(evaluateSubsets(tinyModel(), tinySamples(3), { subsets: [['z']], ...quiet })).rejects.toThrow(/"z"/);
  });

  it('stops when the signal says so', async () => {
    const options = { signal: AbortSignal.abort(), ...quiet };
    await expect(evaluateSubsets(tinyModel(), tinySamples(3), options)).rejects.toThrow(/abort/i);
  });
});
