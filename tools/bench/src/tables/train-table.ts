import { composeUnchecked, createRegistry } from '@polymodal/core';
import { tabular } from '@polymodal/encoder-tabular';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import { evaluate, train } from '@polymodal/trainer';
import type { TableRow } from './tables';

/** A table's rows, some to learn from and others to be judged by. */
export interface TableTask {
  readonly seed: number;
  readonly task: 'classification' | 'regression';
  readonly columns: Readonly<Record<string, 'number' | 'category' | 'date'>>;
  readonly train: readonly TableRow[];
  readonly test: readonly TableRow[];
}

/** The encoders of rows, with the sizes that the README of `@polymodal/encoder-tabular` recommends for small tables. */
const sizes = {
  'tabular-mlp': { hiddenSize: 64 },
  'ft-transformer': { hiddenSize: 32, numHiddenLayers: 2 },
} as const;

/** One of them. */
export type RowEncoder = keyof typeof sizes;
export const encoders = Object.keys(sizes) as RowEncoder[];

const registry = createRegistry([tabular, fusion, heads]);
const batchSize = 64;

/** Thirty epochs, and three hundred steps at least. */
function stepsFor(rows: number): number {
  return Math.max(300, Math.round((30 * rows) / batchSize));
}

/** Accuracy, or R², on the rows to be judged by, with what the package's README recommends. */
export async function trainTable(task: TableTask, use: RowEncoder): Promise<number> {
  const { columns, seed } = task;
  const isClasses = task.task === 'classification';
  const labels = [...new Set([...task.train, ...task.test].map(({ target }) => String(target)))].sort();
  const model = composeUnchecked(registry, {
    seed,
    hiddenSize: 64,
    encoders: { row: { use, columns, ...sizes[use] } },
    fusion: { use: 'none' },
    heads: { target: isClasses ? { use: 'classification', labels } : { use: 'regression' } },
  });
  const samples = (rows: readonly TableRow[]) =>
    rows.map(({ cells, target }) => ({ row: cells, targets: { target: isClasses ? String(target) : target } }));
  await train(model, {
    data: samples(task.train),
    steps: stepsFor(task.train.length),
    batchSize,
    learningRate: 1e-3,
    weightDecay: 0.01,
    seed,
    progress: false,
  });
  const figures = await evaluate(model, samples(task.test), { progress: false, resamples: 0 });
  model.dispose();
  return figures.target!.metrics[isClasses ? 'accuracy' : 'r2']!;
}
