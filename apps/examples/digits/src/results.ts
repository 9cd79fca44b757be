import { wilsonInterval } from '@polymodal/trainer';
import type { SampleList } from './data';
import type { Contradiction, Figures, RivalFigures } from './figures';
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
  /**
   * The same for rivals with the same budget: other fusions, and as `singles` the product of calibrated models that each
   * know one modality, which on one modality is that model.
   */
  readonly rivals: Readonly<Record<string, Rival>>;
  readonly retrieval: Readonly<Record<string, Share>>;
  /** Shares averaged over the seeds, by the modality that contradicts. */
  readonly contradiction: Readonly<Record<string, Contradiction>>;
  /** Accuracy of always naming the most frequent digit. */
  readonly majority: number;
  readonly chance: number;
}

/** What a rival comes to. */
interface Rival {
  readonly accuracy: Readonly<Record<string, Share>>;
  readonly contradiction: Readonly<Record<string, Contradiction>>;
}

/** Sums the figures of all seeds up: those of the main model and of its rivals. */
export function summarize(
  main: readonly Figures[],
  rivals: Readonly<Record<string, readonly RivalFigures[]>>,
  test: SampleList,
  run: Pick<Results, 'backend' | 'seconds' | 'peakRssBytes'>,
): Results {
  return {
    ...run,
    seeds: main.length,
    testSamples: test.length,
    accuracy: shares(
      main.map(({ accuracy }) => accuracy),
      test.length,
    ),
    rivals: Object.fromEntries(Object.entries(rivals).map(([name, seeds]) => [name, rival(seeds, test.length)])),
    retrieval: shares(
      main.map(({ retrieval }) => retrieval),
      test.length,
    ),
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

function rival(seeds: readonly RivalFigures[], count: number): Rival {
  return {
    accuracy: shares(
      seeds.map(({ accuracy }) => accuracy),
      count,
    ),
    contradiction: meanContradiction(seeds),
  };
}

/** The share of each name over the seeds. */
function shares(seeds: readonly Readonly<Record<string, number>>[], count: number): Record<string, Share> {
  const entries = Object.keys(seeds[0]).map((name) => [
    name,
    share(
      seeds.map((own) => own[name]),
      count,
    ),
  ]);
  return Object.fromEntries(entries);
}

function meanContradiction(figures: readonly RivalFigures[]): Record<string, Contradiction> {
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
