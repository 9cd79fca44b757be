import { composeUnchecked, createRegistry } from '@polymodal/core';
import { tabular } from '@polymodal/encoder-tabular';
import { text } from '@polymodal/encoder-text';
import { vision } from '@polymodal/encoder-vision';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import { evaluate, train } from '@polymodal/trainer';
import type { Table, TableRow } from './tables';

/** A table's rows, some to learn from and others to be judged by. */
export interface TableTask extends Pick<Table, 'task' | 'columns' | 'beside'> {
  readonly seed: number;
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

const registry = createRegistry([tabular, text, vision, fusion, heads]);
const batchSize = 64;

/** Thirty epochs, and three hundred steps at least. */
function stepsFor(rows: number): number {
  return Math.max(300, Math.round((30 * rows) / batchSize));
}

/** What reads texts and pictures: small, as the example `manifest` has them. */
const besideParts = {
  text: { use: 'transformer', maxLength: 48, numHiddenLayers: 2 },
  picture: { use: 'convolutional', imageSize: 48, stemChannels: [16, 32], numHiddenLayers: 3 },
} as const;

/**
 * Accuracy, or R², on the rows to be judged by, with what the package's README recommends.
 *
 * @param withBeside whether what stands beside the columns is seen too
 */
export async function trainTable(task: TableTask, use: RowEncoder, withBeside = false): Promise<number> {
  const { columns, seed } = task;
  const beside = withBeside ? (task.beside ?? {}) : {};
  const isClasses = task.task === 'classification';
  const labels = [...new Set([...task.train, ...task.test].map(({ target }) => String(target)))].sort();
  const model = composeUnchecked(registry, {
    seed,
    hiddenSize: 64,
    encoders: { row: { use, columns, ...sizes[use] }, ...mapped(beside, (kind) => besideParts[kind]) },
    fusion: withBeside ? { use: 'masked-transformer', numHiddenLayers: 1 } : { use: 'none' },
    heads: { target: isClasses ? { use: 'classification', labels } : { use: 'regression' } },
  });
  const samples = (rows: readonly TableRow[]) =>
    rows.map(({ cells, target, values }) => ({
      ...(withBeside && values),
      row: cells,
      targets: { target: isClasses ? String(target) : target },
    }));
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

function mapped<In, Out>(given: Readonly<Record<string, In>>, make: (value: In) => Out): Record<string, Out> {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, make(value)]));
}
