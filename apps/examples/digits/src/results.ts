import { wilsonInterval } from '@polymodal/trainer';
import type { SampleList } from './data';
import type { FusionName } from './digits-model';
import type { Contradiction, Figures } from './figures';
import { allDigits } from './samples';

/** A share over the seeds, with a 95 % interval for the mean over test samples of this kind. */
export interface Share {
  readonly mean: number;
  /** Standard deviation over the seeds; 0 for one seed. */
  readonly sd: number;
  readonly low: number;
  readonly high: number;
}

/** All that the example measures: the content of `results.json`. */
export interface Results {
  readonly backend: string;
  readonly seconds: number;
  readonly peakRssBytes: number;
  readonly seeds: number;
  readonly testSamples: number;
  /** Accuracy on each subset of the modalities. */
  readonly accuracy: Readonly<Record<string, Share>>;
  /** The same for other fusions with the same budget. */
  readonly baselines: Readonly<Record<string, Readonly<Record<string, Share>>>>;
  readonly retrieval: Readonly<Record<string, Share>>;
  /** Shares averaged over the seeds, by the modality that contradicts. */
  readonly contradiction: Readonly<Record<string, Contradiction>>;
  /** Accuracy of always naming the most frequent digit. */
  readonly majority: number;
  readonly chance: number;
}

/** Figures of each seed, by fusion. */
export type FiguresByFusion = Readonly<Partial<Record<FusionName, readonly Figures[]>>>;

/** Sums the figures of all trainings up. */
export function summarize(
  figures: FiguresByFusion,
  test: SampleList,
  run: Pick<Results, 'backend' | 'seconds' | 'peakRssBytes'>,
): Results {
  const { 'masked-transformer': main = [], ...baselines } = figures;
  const shares = (of: readonly Figures[], kind: 'accuracy' | 'retrieval') =>
    Object.fromEntries(
      Object.keys(of[0][kind]).map((name) => [
        name,
        share(
          of.map((one) => one[kind][name]),
          test.length,
        ),
      ]),
    );
  return {
    ...run,
    seeds: main.length,
    testSamples: test.length,
    accuracy: shares(main, 'accuracy'),
    baselines: Object.fromEntries(Object.entries(baselines).map(([name, of]) => [name, shares(of, 'accuracy')])),
    retrieval: shares(main, 'retrieval'),
    contradiction: meanContradiction(main),
    majority: majority(test),
    chance: 0.1,
  };
}

/** Mean and sample standard deviation over seeds; the interval (Wilson) is that of the mean on `count` test samples. */
export function share(values: readonly number[], count: number): Share {
  const mean = average(values);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(values.length - 1, 1);
  return { mean, sd: Math.sqrt(variance), ...wilsonInterval(mean, count) };
}

function meanContradiction(figures: readonly Figures[]): Record<string, Contradiction> {
  const names = Object.keys(figures[0].contradiction);
  const mean = (name: string, key: keyof Contradiction) => average(figures.map((one) => one.contradiction[name][key]));
  return Object.fromEntries(
    names.map((name) => [
      name,
      {
        followsTheTwo: mean(name, 'followsTheTwo'),
        followsTheOne: mean(name, 'followsTheOne'),
        neither: mean(name, 'neither'),
        confidence: mean(name, 'confidence'),
      },
    ]),
  );
}

function majority(test: SampleList): number {
  const counts = new Array<number>(10).fill(0);
  for (const { targets } of allDigits(test)) counts[targets.digit]++;
  return Math.max(...counts) / test.length;
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
