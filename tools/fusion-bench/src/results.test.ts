import { describe, expect, it } from 'vitest';
import type { Training } from './job';
import type { Figures } from './measure-model';
import { summarize } from './results';
import { smallResults } from './testing/small-results';

const { machine } = smallResults;
const { cost } = smallResults.tasks.small.concat!;

function training(task: string, method: Training['method'], seed: number, figures: Partial<Figures>): Training {
  const nothing = { subsets: {}, kinds: {}, missing: null, noise: {}, permuted: {}, contradiction: {} };
  const all = { accuracy: 0, ...nothing, ...figures };
  return {
    task,
    method,
    seed,
    figures: all,
    rate: 0.002,
    validation: 0,
    seconds: 8,
    cpuSeconds: 6,
    peakRssBytes: 1 + seed,
  };
}

const curve = (...accuracies: number[]) =>
  accuracies.map((accuracy, index) => [index / (accuracies.length - 1), accuracy] as const);

const results = summarize('full', {
  trainings: [
    training('digits', 'concat', 0, {
      accuracy: 0.7,
      missing: 0.5,
      noise: { all: curve(0.7, 0.3) },
      permuted: { a: 0.35 },
    }),
    training('digits', 'concat', 1, {
      accuracy: 0.9,
      missing: 0.7,
      noise: { all: curve(0.9, 0.1) },
      permuted: { a: 0.45 },
    }),
    training('digits, irrelevant', 'concat', 0, { accuracy: 0.65 }),
    training('digits', 'film', 0, {
      accuracy: 0.6,
      missing: null,
      subsets: { a: null, b: 0.4 },
      noise: { all: curve(0.6, 0.4) },
    }),
    training('xor', 'concat', 0, { subsets: { a: 0.5, b: 0.4, 'a+b': 1 } }),
    training('xor', 'concat', 1, { subsets: { a: 0.5, b: 0.6, 'a+b': 0.5 } }),
    ...['copy', 'unique', 'irrelevant', 'conflicting'].map((name) =>
      training(name, 'concat', 0, { subsets: { a: 1 } }),
    ),
  ],
  costs: { digits: { concat: cost, film: cost } },
  tables: {},
  machine,
  seconds: 60,
});
const { concat, film } = results.tasks.digits;

describe('summarize', () => {
  it('gives mean and deviation over the seeds, and the difference that an irrelevant modality makes to the first', () => {
    expect(concat!.accuracy.mean).toBeCloseTo(0.8, 12);
    expect(concat!.accuracy.sd).toBeCloseTo(Math.sqrt(0.02), 12); // √(2 · 0.1²)
    expect(concat!.missing!.mean).toBeCloseTo(0.6, 12);
    expect(concat!.irrelevant).toBeCloseTo(-0.05, 12);
    expect(film!.irrelevant).toBeNull();
    expect(concat!.training).toEqual({ seconds: 8, cpuSeconds: 6, peakRssBytes: 2 });
    expect(results.coreShare).toBeCloseTo(0.75, 12);
  });

  it('has null for what a method cannot answer', () => {
    expect(film!.missing).toBeNull();
    expect(film!.subsets).toEqual({ a: null, b: { mean: 0.4, sd: 0 } });
  });

  it('tells robustness of each seed, against the mean curve of concat', () => {
    expect(concat!.noise.all.curve).toEqual([
      [0, expect.closeTo(0.8, 12)],
      [1, expect.closeTo(0.2, 12)],
    ]);
    expect(concat!.noise.all.relative.mean).toBeCloseTo(0.5, 12);
    expect(concat!.noise.all.effective.mean).toBeCloseTo(0, 12);
    // β = 0.6, 0: 0.4 / 2 above it
    expect(film!.noise.all.effective.mean).toBeCloseTo(0.2, 12);
  });

  it('has perceptual scores as shares of the accuracy', () => {
    expect(concat!.perceptual.a.mean).toBeCloseTo(0.5, 12);
  });

  it('holds controls against what is possible', () => {
    expect(results.controls.best.xor).toEqual({ a: 0.5, b: 0.5, 'a+b': 1 });
    expect(results.controls.methods.concat!.xor['a+b'].mean).toBeCloseTo(0.75, 12);
    expect(results.controls.methods.film).toBeUndefined(); // not trained on them
  });
});
