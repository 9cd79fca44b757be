// How well tables are learned: FT-Transformer and the MLP of `@polymodal/encoder-tabular` beside scikit-learn's gradient boosting and linear
// models, on five tables of npm packages, and on one with texts and pictures beside its columns, which the peers do not see; three splits each:
//
//   PYTHON=<a python with scikit-learn and pandas> npm run bench:tables -- [--configs cars,movies] [--rounds 3]
//
// Without such a Python our figures stand alone. Figures are accuracies and R² on the 30 % of rows that were kept apart. The last line is JSON.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RandomKey, useBackend } from '@polymodal/core';
import { parseBenchOptions } from './src/options';
import { installTables } from './src/tables/table-packages';
import { type Table, type TableName, tables } from './src/tables/tables';
import { encoders, type TableTask, trainTable } from './src/tables/train-table';
import { temporaryFolder } from './src/temporary-folder';

const testShare = 0.3;

const names = Object.keys(tables) as TableName[];
const options = parseBenchOptions({ configs: names, peers: ['scikit-learn'], rounds: 3 });
installTables();
console.log(String(await useBackend()));
const results: Record<string, Record<string, readonly number[]>> = {};
for (const name of options.configs) {
  const tasks = Array.from({ length: options.rounds }, (_, seed) => split(tables[name as TableName](), seed));
  const scores: Record<string, number[]> = {};
  for (const use of encoders) {
    scores[use] = [];
    for (const task of tasks) scores[use].push(await trainTable(task, use));
  }
  const { beside } = tasks[0]!;
  if (beside) {
    const own: number[] = [];
    for (const task of tasks) own.push(await trainTable(task, 'tabular-mlp', true));
    scores[`tabular-mlp beside ${Object.keys(beside).join(' and ')}`] = own;
  }
  results[name] = { ...scores, ...peers(tasks) };
  console.log(describe(name, tasks[0]!, results[name]));
}
console.log(JSON.stringify({ bench: 'tables', results }));

function split({ rows, columns, task, beside }: Table, seed: number): TableTask {
  const order = RandomKey.from(seed).fold('split').shuffle(rows.length);
  const shuffled = Array.from(order, (index) => rows[index]!);
  const kept = Math.round(testShare * rows.length);
  return { seed, task, columns, ...(beside && { beside }), test: shuffled.slice(0, kept), train: shuffled.slice(kept) };
}

/** What scikit-learn reaches on each task, by model; nothing where it is not installed. */
function peers(tasks: readonly TableTask[]): Record<string, number[]> {
  if (options.peers.length === 0) return {};
  const path = join(temporaryFolder(), 'tasks.json');
  writeFileSync(
    path,
    JSON.stringify(tasks, (name, value) => (name === 'values' ? undefined : value)),
  );
  const script = fileURLToPath(new URL('src/tables/peers.py', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.env.PYTHON ?? 'python3', [script, path], { encoding: 'utf8' });
  if (status !== 0) {
    console.warn(`scikit-learn is left out: ${stderr?.trim().split('\n').at(-1) ?? 'no Python'}`);
    return {};
  }
  const runs = JSON.parse(stdout) as Record<string, number>[];
  return Object.fromEntries(Object.keys(runs[0]!).map((model) => [model, runs.map((run) => run[model]!)]));
}

function describe(
  name: string,
  { task, train }: TableTask,
  scores: Readonly<Record<string, readonly number[]>>,
): string {
  const figure = task === 'classification' ? 'accuracy' : 'R²';
  const means = Object.entries(scores).map(([model, own]) => {
    const mean = own.reduce((sum, score) => sum + score, 0) / own.length;
    return `${model} ${(100 * mean).toFixed(1)} (${own.map((score) => (100 * score).toFixed(1)).join(', ')})`;
  });
  return `${name}, ${train.length} rows, ${figure} in %: ${means.join('  ')}`;
}
