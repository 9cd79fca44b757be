import type { Machine } from '@polymodal/bench/machine';
import { modalitySubsets } from '@polymodal/core';
import { type Budget, type BudgetName, budgets } from './budget';
import { bestAccuracy } from './controls/control';
import { controls } from './controls/controls';
import type { Training } from './job';
import type { Cost } from './measure-cost';
import type { MethodName } from './methods';
import { perceptualScore } from './metrics/perceptual-score';
import { effectiveRobustness, type NoiseCurve, relativeRobustness } from './metrics/robustness';
import { meanOf, type Spread, spreadOf } from './metrics/spread';

/** Robustness against noise in one modality or in all. */
interface Robustness {
  /** Mean accuracy over the seeds. */
  readonly curve: NoiseCurve;
  readonly relative: Spread;
  /** Against the mean curve of `concat`. */
  readonly effective: Spread;
}

/** What a method comes to on a task. What it cannot answer is null. */
export interface MethodResults {
  readonly rate: number;
  readonly accuracy: Spread;
  readonly subsets: Readonly<Record<string, Spread | null>>;
  readonly kinds: Readonly<Record<string, Spread>>;
  readonly missing: Spread | null;
  readonly noise: Readonly<Record<string, Robustness>>;
  /** Perceptual scores, as shares of the accuracy. */
  readonly perceptual: Readonly<Record<string, Spread>>;
  /** How often answers follow all other modalities, and the one that contradicts them, by that one. */
  readonly contradiction: Readonly<Record<string, { readonly others: Spread; readonly odd: Spread }>>;
  /** Accuracy of the first seed with an irrelevant modality beside, less that without. */
  readonly irrelevant: number | null;
  /** Of a training, the means over seeds. */
  readonly training: { readonly seconds: number; readonly cpuSeconds: number; readonly peakRssBytes: number };
  readonly cost: Cost;
}

/** What a method comes to on the controls: accuracy on each subset of each. */
type ControlResults = Readonly<Record<string, Readonly<Record<string, Spread>>>>;

/** The content of results.json. */
export interface Results {
  readonly bench: 'fusion';
  readonly budget: BudgetName;
  readonly settings: Budget;
  readonly machine: Machine;
  readonly seconds: number;
  /** Processor time over time, of the trainings: how much of a core each had. */
  readonly coreShare: number;
  /** Checksums of the tables of missing modalities. */
  readonly tables: Readonly<Record<string, string>>;
  readonly tasks: Readonly<Record<string, Readonly<Partial<Record<MethodName, MethodResults>>>>>;
  readonly controls: {
    /** The best possible accuracy on each subset, by control. */
    readonly best: Readonly<Record<string, Readonly<Record<string, number>>>>;
    readonly methods: Readonly<Partial<Record<MethodName, ControlResults>>>;
  };
}

/** What results are made from. */
export interface Measured {
  readonly trainings: readonly Training[];
  readonly costs: Readonly<Record<string, Readonly<Partial<Record<MethodName, Cost>>>>>;
  readonly tables: Readonly<Record<string, string>>;
  readonly machine: Machine;
  readonly seconds: number;
}

/** Sums all trainings up. */
export function summarize(budget: BudgetName, { trainings, costs, tables, machine, seconds }: Measured): Results {
  const of = (task: string, method: string) => trainings.filter((own) => own.task === task && own.method === method);
  const tasks = Object.entries(costs).map(([task, methods]) => {
    const lateFusion = meanCurves(of(task, 'concat'));
    const results = Object.entries(methods).map(([method, cost]) => {
      const [irrelevant] = of(`${task}, irrelevant`, method);
      return [method, methodResults(of(task, method), irrelevant, cost, lateFusion)];
    });
    return [task, Object.fromEntries(results)];
  });
  const names = [...new Set(trainings.map(({ method }) => method))];
  const ofControls = names.map((method): [MethodName, ControlResults] => [
    method,
    Object.fromEntries(
      controls.map(({ name }) => [name, spreads(of(name, method).map(({ figures }) => figures.subsets))]),
    ),
  ]);
  return {
    bench: 'fusion',
    budget,
    settings: budgets[budget],
    machine,
    seconds,
    coreShare: sumOf(trainings, 'cpuSeconds') / sumOf(trainings, 'seconds'),
    tables,
    tasks: Object.fromEntries(tasks),
    controls: {
      best: Object.fromEntries(controls.map((control) => [control.name, bestBySubset(control)])),
      methods: Object.fromEntries(
        ofControls.filter(([, own]) => Object.values(own).every((one) => Object.keys(one).length > 0)),
      ),
    },
  };
}

function methodResults(
  seeds: readonly Training[],
  irrelevant: Training | undefined,
  cost: Cost,
  lateFusion: Readonly<Record<string, NoiseCurve>>,
): MethodResults {
  const figures = seeds.map((own) => own.figures);
  const [first] = figures;
  const ofNames = <Value>(names: object, value: (name: string) => Value): Record<string, Value> =>
    Object.fromEntries(Object.keys(names).map((name) => [name, value(name)]));
  const curves = meanCurves(seeds);
  return {
    rate: seeds[0].rate,
    accuracy: spreadOf(figures.map(({ accuracy }) => accuracy)),
    subsets: ofNames(first.subsets, (subset) => spread(figures.map(({ subsets }) => subsets[subset]))),
    kinds: ofNames(first.kinds, (kind) => spreadOf(figures.map(({ kinds }) => kinds[kind]))),
    missing: spread(figures.map(({ missing }) => missing)),
    noise: ofNames(first.noise, (name) => ({
      curve: curves[name],
      relative: spreadOf(figures.map(({ noise }) => relativeRobustness(noise[name]))),
      effective: spreadOf(figures.map(({ noise }) => effectiveRobustness(noise[name], lateFusion[name]))),
    })),
    perceptual: ofNames(first.permuted, (slot) =>
      spreadOf(figures.map(({ accuracy, permuted }) => perceptualScore(accuracy, [permuted[slot]]).share)),
    ),
    contradiction: ofNames(first.contradiction, (slot) => ({
      others: spreadOf(figures.map(({ contradiction }) => contradiction[slot].others)),
      odd: spreadOf(figures.map(({ contradiction }) => contradiction[slot].odd)),
    })),
    irrelevant: irrelevant ? irrelevant.figures.accuracy - seeds[0].figures.accuracy : null,
    training: {
      seconds: meanOf(seeds.map((own) => own.seconds)),
      cpuSeconds: meanOf(seeds.map((own) => own.cpuSeconds)),
      peakRssBytes: Math.max(...seeds.map((own) => own.peakRssBytes)),
    },
    cost,
  };
}

/** The mean over the seeds at each strength of noise. */
function meanCurves(seeds: readonly Training[]): Record<string, NoiseCurve> {
  const curves = seeds.map(({ figures }) => figures.noise);
  return Object.fromEntries(
    Object.entries(curves[0] ?? {}).map(([name, curve]) => [
      name,
      curve.map(([sigma], index) => [sigma, meanOf(curves.map((own) => own[name][index][1]))] as const),
    ]),
  );
}

function spreads(seeds: readonly Readonly<Record<string, number | null>>[]): Record<string, Spread> {
  const names = Object.keys(seeds[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, spreadOf(seeds.map((own) => own[name]!))]));
}

function spread(values: readonly (number | null)[]): Spread | null {
  return values.some((value) => value === null) ? null : spreadOf(values as number[]);
}

function bestBySubset(control: (typeof controls)[number]): Record<string, number> {
  const subsets = modalitySubsets(control.modalities);
  return Object.fromEntries(subsets.map((subset) => [subset.join('+'), bestAccuracy(control, subset)]));
}

function sumOf(trainings: readonly Training[], figure: 'seconds' | 'cpuSeconds'): number {
  return trainings.reduce((sum, own) => sum + own[figure], 0);
}
