import { existsSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { ConfigError, useBackend } from '@polymodal/core';
import { replaceFile } from '@polymodal/core/node';
import { claimDirectory, runProgram } from '@polymodal/example-material';
import { runStatus } from '@polymodal/trainer';
import { readEasyVqa } from './data/read-easy-vqa';
import { type Figures, runExperiment, towerMethod, towerRun } from './experiment';
import { isLooking } from './methods';
import { type Options, readOptions } from './options';
import { isResults, type Results, resultsTable } from './results';
import { usualAnswers } from './usual-answers';

/** Trains each method, measures it, and writes and shows what came of it. Ctrl-C leaves runs that the same command goes on with. */
async function main(options: Options, signal: AbortSignal): Promise<void> {
  const { directory, seed } = options;
  requireCheckpoint('--language-model', options.languageModel);
  requireCheckpoint('--text-tower', options.textTower);
  const methods = await withTower(options);
  await claimDirectory(directory, { names: methods, isResults });
  const backend = String(await useBackend());
  console.log(`Backend: ${backend}`);
  const data = await readEasyVqa(options.data, signal);
  const resultsPath = join(directory, 'results.json');
  const done: Record<string, Figures> = {};
  let results: Results = {
    ...{ backend, seed },
    machine: { cores: availableParallelism(), loadAverage: loadavg()[0] },
    trainingQuestions: data.train.length,
    testQuestions: data.test.length,
    usualAnswer: usualAnswers(data.train, data.test),
    methods: done,
  };
  for (const method of methods) {
    console.log(`\n${method}`);
    done[method] = await runExperiment(method, options, data, signal);
    results = { ...results, methods: done };
    await replaceFile(resultsPath, `${JSON.stringify(results, null, 2)}\n`);
  }
  console.log(`\n${resultsTable(results)}\n\nFigures: ${resultsPath}`);
}

/** What is asked for, and before a language model what its picture tower learns with. */
async function withTower(options: Options): Promise<Options['methods']> {
  const { methods } = options;
  const first = methods.findIndex(isLooking);
  if (first < 0 || methods.slice(0, first).includes(towerMethod)) return methods;
  if ((await runStatus(towerRun(options))) === 'finished') return methods;
  return [towerMethod, ...methods.filter((method) => method !== towerMethod)];
}

/** Before anything is trained for it. @throws ConfigError for a folder that is no checkpoint in Hugging Face layout */
function requireCheckpoint(option: string, folder: string | undefined): void {
  if (folder === undefined || existsSync(join(folder, 'config.json'))) return;
  throw new ConfigError({
    where: option,
    expected: 'a folder in Hugging Face layout',
    received: `"${folder}", in which there is no config.json`,
    hint: 'The README of the example says where to get one.',
  });
}

await runProgram(async (signal) => {
  const options = readOptions(process.argv.slice(2));
  if (options) await main(options, signal);
});
