import type { Model, Sample } from '@polymodal/core';
import type { Dataset } from '@polymodal/trainer';

/** Figures by head and name. */
export type Guesses = Readonly<Record<string, Readonly<Record<string, number>>>>;

/**
 * What comes of looking at nothing: the most frequent class of the training data for every sample (`accuracy`), or their median (`mae`) and
 * mean (`rmse`). A model that does no better has learned nothing.
 */
export async function guesses({ config }: Pick<Model, 'config'>, train: Dataset, test: Dataset): Promise<Guesses> {
  const figures: Record<string, Readonly<Record<string, number>>> = {};
  for (const [head, { use, target = head }] of Object.entries(config.heads)) {
    const [isNumber, isClass] = [/regression$/.test(use), /^(expert-)?classification$|^ordinal$/.test(use)];
    if (!isNumber && !isClass) continue;
    const [learned, tested] = [await targetsOf(train, String(target)), await targetsOf(test, String(target))];
    if (learned.length === 0 || tested.length === 0) continue;
    figures[head] = isNumber ? numberGuesses(learned.map(Number), tested.map(Number)) : classGuess(learned, tested);
  }
  return figures;
}

async function targetsOf(data: Dataset, target: string): Promise<string[]> {
  const values: string[] = [];
  for (let index = 0; index < data.length; index++) {
    const { targets }: Sample = await data.get(index);
    const value = targets?.[target];
    if (value !== undefined && value !== null) values.push(String(value));
  }
  return values;
}

function classGuess(learned: readonly string[], tested: readonly string[]) {
  const counts = new Map<string, number>();
  for (const value of learned) counts.set(value, (counts.get(value) ?? 0) + 1);
  const [[most]] = [...counts].sort(([, a], [, b]) => b - a);
  return { accuracy: tested.filter((value) => value === most).length / tested.length };
}

function numberGuesses(learned: readonly number[], tested: readonly number[]) {
  const sorted = [...learned].sort((a, b) => a - b);
  const median = (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
  const mean = average(learned);
  return {
    mae: average(tested.map((value) => Math.abs(value - median))),
    rmse: Math.sqrt(average(tested.map((value) => (value - mean) ** 2))),
  };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
