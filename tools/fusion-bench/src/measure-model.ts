import { type Model, modalitySubsets, RandomKey } from '@polymodal/core';
import { dispensable, type MethodName } from './methods';
import type { NoiseCurve } from './metrics/robustness';
import { meanOf } from './metrics/spread';
import type { Task } from './tasks/task';
import { sigmas, type TestFeatures, type View } from './test-features';

/** Whom answers follow where one modality says another class than all others, as shares. */
interface Followed {
  readonly others: number;
  readonly odd: number;
}

/** What one trained model comes to on the test. What a method cannot answer is null. */
export interface Figures {
  /** With all modalities, as they are. */
  readonly accuracy: number;
  readonly subsets: Readonly<Record<string, number | null>>;
  /** Of the kinds of questions that a task tells apart. */
  readonly kinds: Readonly<Record<string, number>>;
  /** Where most samples lack one modality, as the stored table says. */
  readonly missing: number | null;
  /** Accuracy over noise in one modality, and in all of them. */
  readonly noise: Readonly<Record<string, NoiseCurve>>;
  /** Mean accuracy with one modality permuted between samples. */
  readonly permuted: Readonly<Record<string, number>>;
  /** By the modality that contradicts. */
  readonly contradiction: Readonly<Record<string, Followed>>;
}

const permutations = 3;

/** Measures a trained model. */
export async function measureModel(model: Model, method: MethodName, task: Task, test: TestFeatures): Promise<Figures> {
  const slots = Object.keys(task.encoders);
  const needed = slots.filter((slot) => !dispensable(method, task).includes(slot));
  const whole = clean(slots);
  const answers = await test.answers(model, whole);
  const right = answers.map((answer, row) => answer === test.truths[row]);
  const accuracy = share(right);

  const subsets: Record<string, number | null> = {};
  for (const subset of modalitySubsets(slots)) {
    const possible = needed.every((slot) => subset.includes(slot));
    subsets[subset.join('+')] = possible ? await test.accuracy(model, clean(subset)) : null;
  }
  const { missing, contradictions } = task;
  return {
    accuracy,
    subsets,
    kinds: Object.fromEntries(
      [...new Set(task.kinds)].map((kind) => [kind, share(right.filter((_, row) => task.kinds![row] === kind))]),
    ),
    missing:
      missing && needed.length === 0
        ? await test.accuracy(model, (row) => clean(slots.filter((slot) => slot !== missing[row]))(row))
        : null,
    noise: task.noise ? await measureNoise(model, test, slots, accuracy) : {},
    permuted: task.noise ? await measurePermuted(model, test, slots) : {},
    contradiction: contradictions ? await measureContradiction(model, test, slots, contradictions) : {},
  };
}

async function measureContradiction(
  model: Model,
  test: TestFeatures,
  slots: readonly string[],
  contradictions: NonNullable<Task['contradictions']>,
) {
  const answers = await test.answers(model, (row) => {
    const { slot, from } = contradictions[row];
    return { ...clean(slots)(row), [slot]: { row: from, sigma: 0 } };
  });
  const followed = (slot: string): Followed => {
    const own = test.rows.filter((row) => contradictions[row].slot === slot);
    return {
      others: share(own.map((row) => answers[row] === test.truths[row])),
      odd: share(own.map((row) => answers[row] === test.truths[contradictions[row].from])),
    };
  };
  return Object.fromEntries(slots.map((slot) => [slot, followed(slot)]));
}

async function measureNoise(model: Model, test: TestFeatures, slots: readonly string[], accuracy: number) {
  const curves: Record<string, NoiseCurve> = {};
  for (const [name, noisy] of [...slots.map((slot) => [slot, [slot]] as const), ['all', slots] as const]) {
    const curve: [sigma: number, accuracy: number][] = [[0, accuracy]];
    for (const sigma of sigmas.slice(1)) {
      const view: View = (row) =>
        Object.fromEntries(slots.map((slot) => [slot, { row, sigma: noisy.includes(slot) ? sigma : 0 }]));
      curve.push([sigma, await test.accuracy(model, view)]);
    }
    curves[name] = curve;
  }
  return curves;
}

async function measurePermuted(model: Model, test: TestFeatures, slots: readonly string[]) {
  const permuted: Record<string, number> = {};
  for (const slot of slots) {
    const accuracies: number[] = [];
    for (let index = 0; index < permutations; index++) {
      const order = RandomKey.from(0).fold('permuted').fold(slot).fold(index).shuffle(test.rows.length);
      accuracies.push(
        await test.accuracy(model, (row) => ({ ...clean(slots)(row), [slot]: { row: order[row], sigma: 0 } })),
      );
    }
    permuted[slot] = meanOf(accuracies);
  }
  return permuted;
}

/** Some of the slots, as they are. */
function clean(slots: readonly string[]): View {
  return (row) => Object.fromEntries(slots.map((slot) => [slot, { row, sigma: 0 }]));
}

function share(matches: readonly boolean[]): number {
  return matches.filter(Boolean).length / matches.length;
}
