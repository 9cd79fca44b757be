import { existsSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { ConfigError, useBackend } from '@polymodal/core';
import { replaceFile } from '@polymodal/core/node';
import { claimDirectory, earlierMethods, runProgram } from '@polymodal/example-material';
import { runStatus } from '@polymodal/trainer';
import { readEasyVqa } from './data/read-easy-vqa';
import { type Figures, methodFigures, runExperiment, towerMethod, towerRun } from './experiment';
import { isLooking, methods } from './methods';
import { type Options, readOptions } from './options';
import { type HowMeasured, isResults, type Results, resultsTable } from './results';
import { usualAnswers } from './usual-answers';

/** Trains each method, measures it, and writes and shows what came of it. Ctrl-C leaves runs that the same command goes on with. */
async function main(options: Options, signal: AbortSignal): Promise<void> {
  const { directory, seed } = options;
  requireCheckpoint('--language-model', options.languageModel);
  requireCheckpoint('--text-tower', options.textTower);
  const asked = withTower(options);
  await claimDirectory(directory, { names: asked, isResults });
  const backend = String(await useBackend());
  console.log(`Backend: ${backend}`);
  const data = await readEasyVqa(options.data, signal);
  const resultsPath = join(directory, 'results.json');
  const how: HowMeasured = { seed, trainingQuestions: data.train.length, testQuestions: data.test.length };
  const measured = await methodsSoFar(resultsPath, how, directory);
  for (const method of asked) {
    console.log(`\n${method}`);
    measured.set(method, await runExperiment(method, options, data, signal));
    const inOrder = methods.flatMap((name) => (measured.has(name) ? [[name, measured.get(name)!] as const] : []));
    const results: Results = {
      ...how,
      backend,
      machine: { cores: availableParallelism(), loadAverage: loadavg()[0] },
      usualAnswer: usualAnswers(data.train, data.test),
      methods: Object.fromEntries(inOrder),
    };
    await replaceFile(resultsPath, `${JSON.stringify(results, null, 2)}\n`);
    console.log(`\n${resultsTable(results)}`);
  }
  console.log(`\nFigures: ${resultsPath}`);
}

/** What earlier starts have measured in the same way, and is still there. */
async function methodsSoFar(resultsPath: string, how: HowMeasured, directory: string): Promise<Map<string, Figures>> {
  const earlier = await earlierMethods(resultsPath, { how: { ...how }, figures: methodFigures });
  return new Map(Object.entries(earlier).filter(([method]) => runStatus(join(directory, method)) === 'finished'));
}

/** What is asked for, and before a language model what its picture tower learns with. */
function withTower(options: Options): Options['methods'] {
  const { methods: asked } = options;
  const first = asked.findIndex(isLooking);
  if (first < 0 || asked.slice(0, first).includes(towerMethod)) return asked;
  if (runStatus(towerRun(options)) === 'finished') return asked;
  return [towerMethod, ...asked.filter((method) => method !== towerMethod)];
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
