import { ConfigError, type HostBatch, inferenceContext, PartError, type RandomKey, uploadBatch } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
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

  it('judges all subsets on the samples that have everything, where they are to be compared', async () => {
    const model = tinyModel();
    const samples = tinySamples(50, 9, 0.4);
    const figures = await evaluateSubsets(model, samples, { ...quiet, common: true });
    const whole = samples.filter((sample) => ['a', 'b', 'c'].every((name) => name in sample));
    const alone = await model.predict(whole.map((sample) => ({ b: (sample as Record<string, unknown>).b })));
    const right = alone.filter(({ digit }, row) => digit === whole[row].targets.digit).length;
    expect(Object.values(figures).map(({ digit }) => digit.count)).toEqual(Array(7).fill(whole.length));
    expect(figures.b.digit.metrics.accuracy).toBe(right / whole.length);
    const pairs = { ...quiet, common: true, subsets: [['a'], ['b']] };
    const [first] = Object.values(await evaluateSubsets(model, samples, pairs));
    expect(first.digit.count).toBe(samples.filter((sample) => 'a' in sample && 'b' in sample).length);
    const parted = samples.filter((sample) => !('a' in sample && 'b' in sample));
    await expect(evaluateSubsets(model, parted, pairs)).rejects.toThrow(
      /^evaluateSubsets\.common: expected a sample with all of a, b, received \d+ samples, of which none has/,
    );
  });

  it('gives what a head says of its loss over all samples, of which it is not asked for answers then', async () => {
    const samples = tinySamples(21, 4, 0.3);
    const head = new ClassHead();
    const drawn: number[][] = [];
    const learning = {
      evaluate: undefined,
      evaluateLoss: ({ crossEntropy }: Record<string, number>) => ({ perplexity: Math.exp(crossEntropy) }),
      draw: ({ targets }: HostBatch, key: RandomKey) => {
        drawn.push([...key.uniform(2)]);
        return targets.digit;
      },
    };
    const model = tinyModel({ heads: { digit: Object.assign(head, learning) as unknown as ClassHead } });
    const scores = vi.spyOn(head, 'scores');
    const { digit } = await evaluate(model, [...samples, { a: [1] }], { batchSize: 20, ...quiet });
    const alone = await Promise.all(
      samples.map(async (sample) => {
        const batch = uploadBatch(model.collate([await model.prepare(sample)]));
        return model.losses(batch, inferenceContext()).digit.crossEntropy.sum.dataSync()[0];
      }),
    );
    const mean = alone.reduce((sum, value) => sum + value, 0) / samples.length;
    expect(digit).toEqual({ count: 21, metrics: { perplexity: expect.closeTo(Math.exp(mean), 5) }, intervals: {} });
    expect(scores).not.toHaveBeenCalled();
    const before = drawn.splice(0);
    expect(new Set(before.map(String)).size).toBe(before.length);
    await evaluate(model, [...samples, { a: [1] }], { batchSize: 20, ...quiet });
    expect(drawn).toEqual(before);
  });

  it('gives what it gives without batches, whatever the lengths of the samples', async () => {
    const model = tinyModel();
    const samples = tinySamples(70, 4, 0.3);
    const figures = await evaluate(model, samples, { batchSize: 8, ...quiet });
    const answers = await Promise.all(samples.map((sample) => model.predict([sample])));
    const right = answers.filter(([{ digit }], row) => digit === samples[row].targets.digit).length;
    expect(figures.digit.metrics.accuracy).toBe(right / 70);
  });

  it('gives the same figures where features do not stay in memory, of which each sample is then read for each subset', async () => {
    const model = tinyModel();
    const samples = tinySamples(50, 9, 0.4);
    let read = 0;
    const counted = { length: 50, get: (index: number) => read++ < 1e6 && samples[index] };
    const inMemory = await evaluateSubsets(model, samples, { ...quiet, batchSize: 8 });
    const streamed = await evaluateSubsets(model, counted as never, { ...quiet, batchSize: 8, cacheBytes: 0 });
    expect(streamed).toEqual(inMemory);
    expect(read).toBe(50 + Object.values(inMemory).reduce((sum, { digit }) => sum + digit.count, 0));
    read = 0;
    await evaluate(model, counted as never, { ...quiet, batchSize: 8 });
    expect(read).toBe(50);
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
    const samples = tinySamples(9).map((own, i) => (i < 4 ? { ...own, targets: {} } : own));
    const { digit } = await evaluate(tinyModel(), samples, quiet);
    expect(digit.count).toBe(5);
  });

  it('refuses a subset with a modality that the model does not have', async () => {
    await expect(evaluateSubsets(tinyModel(), tinySamples(3), { subsets: [['z']], ...quiet })).rejects.toThrow(
      /^evaluateSubsets\.subsets: .*"z"/,
    );
  });

  it('refuses options and samples that it would pass over', async () => {
    const failing = (options: object, samples: unknown = tinySamples(3), model: unknown = tinyModel()) =>
      evaluateSubsets(model as never, samples as never, { ...quiet, ...options }).then(
        () => 'no error',
        (error: Error) => `${error.name}: ${error.message}`,
      );
    expect(await failing({ batchsize: 8 })).toMatch(/ConfigError: evaluateSubsets: .*Did you mean "batchSize"/);
    for (const batchSize of [0, -1, 2.5, Number.NaN, '8']) {
      expect(await failing({ batchSize })).toMatch(/ConfigError: evaluateSubsets\.batchSize/);
      await expect(evaluate(tinyModel(), tinySamples(3), { batchSize, ...quiet } as never)).rejects.toThrow(
        ConfigError,
      );
    }
    expect(await failing({ subsets: [[]] })).toMatch(/ConfigError: evaluateSubsets\.subsets\.0/);
    expect(await failing({ signal: {} })).toMatch(/evaluateSubsets\.signal: expected an AbortSignal/);
    expect(await failing({}, undefined, {})).toMatch(/ConfigError: evaluateSubsets: expected a model, as composeModel/);
    expect(await failing({}, null)).toMatch(/ConfigError: evaluateSubsets: expected an array of samples/);
    expect(await failing({}, [undefined, ...tinySamples(2)])).toMatch(
      /SampleError: samples, sample 0: .*received nothing/,
    );
    const wrong = [...tinySamples(4), { a: [1], targets: { digit: 9 } }];
    expect(await failing({}, wrong)).toMatch(/SampleError: samples, sample 4, targets\.digit/);
  });

  it('names the head whose figures fail, or are none', async () => {
    const model = tinyModel();
    for (const [figures, said] of [
      [
        () => {
          throw new TypeError('boom');
        },
        'head "digit": expected its evaluate() to run, received TypeError: boom.',
      ],
      [() => 0.5, 'head "digit", evaluate(): expected figures by name, received 0.5.'],
      [() => ({ accuracy: '1' }), 'head "digit", evaluate().accuracy: expected figures by name, received "1".'],
    ] as const) {
      Object.assign(model.heads.digit, { evaluate: figures });
      const evaluated = evaluate(model, tinySamples(3), quiet);
      await expect(evaluated).rejects.toThrow(said);
      await expect(evaluated).rejects.toThrow(PartError);
    }
  });

  it('draws rows again for intervals of figures that are no shares, of heads that allow it', async () => {
    const model = tinyModel();
    const samples = tinySamples(40).map((own, i) => (i < 4 ? { ...own, targets: {} } : own));
    const evaluateHead = (_: unknown, targets: readonly unknown[]): Record<string, number> => ({
      accuracy: 0.5,
      balancedAccuracy: targets.length,
    });
    Object.assign(model.heads.digit, { evaluate: evaluateHead });
    const intervalsOf = async (options = {}) =>
      (await evaluate(model, samples, { ...quiet, ...options })).digit.intervals;
    expect(Object.keys(await intervalsOf())).toEqual(['accuracy']);
    Object.assign(model.heads.digit, { resamples: true });
    const { accuracy, balancedAccuracy } = await intervalsOf();
    expect(accuracy).toEqual(wilsonInterval(0.5, 40)); // this head counts every row
    expect(balancedAccuracy).toEqual({ low: 36, high: 36 });
    expect(Object.keys(await intervalsOf({ resamples: 0 }))).toEqual(['accuracy']);
  });

  it('draws what rows add to figures that are means, each as it is among all rows', async () => {
    const model = tinyModel();
    const samples = tinySamples(40).map((own, i) => (i < 4 ? { ...own, targets: {} } : own));
    const values = Array.from({ length: 36 }, (_, row) => row % 2);
    const rowFigures = vi.fn((): unknown => ({ likeness: values }));
    Object.assign(model.heads.digit, { evaluate: () => ({ likeness: 0.5 }), rowFigures });
    const { low, high } = (await evaluate(model, samples, quiet)).digit.intervals.likeness;
    expect(rowFigures).toHaveBeenCalledTimes(1);
    // The mean of 36 fair coins has the deviation 1/12: 95 % of draws lie within ± 0.163, of 200 draws give or take a few.
    expect(low).toBeGreaterThan(0.5 - 0.163 - 0.05);
    expect(low).toBeLessThan(0.5 - 0.163 + 0.05);
    expect(high).toBeGreaterThan(0.5 + 0.163 - 0.05);
    expect(high).toBeLessThan(0.5 + 0.163 + 0.05);
    for (const wrong of [undefined, { likeness: [1] }, { likeness: values.map(() => Number.NaN) }]) {
      rowFigures.mockReturnValue(wrong);
      await expect(evaluate(model, samples, quiet)).rejects.toThrow(/head "digit", rowFigures\(\): expected figures/);
    }
  });

  it('warns of a head that no sample has a target for', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    await evaluate(tinyModel(), [{ a: [1] }], quiet);
    expect(warned.mock.calls.map(([text]) => text)).toEqual([
      expect.stringMatching(/^samples: no sample has the target "digit" .*the head "digit"/),
    ]);
    warned.mockRestore();
  });

  it('stops when the signal says so', async () => {
    const options = { signal: AbortSignal.abort(), ...quiet };
    await expect(evaluateSubsets(tinyModel(), tinySamples(3), options)).rejects.toThrow(/abort/i);
  });
});
