import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, useBackend } from '@polymodal/core';
import { replaceFile } from '@polymodal/core/node';
import { runProgram } from '@polymodal/example-material';
import { makeData } from './data/make-data';
import { runExperiment } from './experiment';
import { type Options, readOptions } from './options';
import { type MethodResults, type Results, resultsTable, summarize } from './results';

/** Trains each method, measures it, and writes and shows what came of it. Ctrl-C leaves runs that the same command goes on with. */
async function main(options: Options, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  const { edition, methods, seeds, epochs, directory } = options;
  const resultsPath = join(directory, 'results.json');
  await claim(directory, resultsPath);
  console.log(`Backend: ${await useBackend()}`);
  const data = makeData(options);

  const results: Record<string, MethodResults> = {};
  for (const method of methods) {
    const runs = [];
    for (let seed = 0; seed < seeds; seed++) {
      console.log(`\n${method}, seed ${seed}`);
      const run = { method, edition, seed, epochs, directory: join(directory, `${method}-${seed}`) };
      runs.push(await runExperiment(run, data, signal));
      signal.throwIfAborted();
    }
    results[method] = summarize(runs);
    const seconds = Math.round(performance.now() - started) / 1000;
    const all: Results = {
      seeds,
      epochs,
      trainingSamples: data.train.length,
      testSamples: data.test.length,
      seconds,
      methods: results,
    };
    await replaceFile(resultsPath, `${JSON.stringify(all, null, 2)}\n`);
  }
  console.log(`\n${resultsTable(results)}\n\nFigures: ${resultsPath}`);
}

/** Makes the folder. @throws ConfigError where something else stands at the place of the results */
async function claim(directory: string, resultsPath: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const text = await readFile(resultsPath, 'utf8').catch(() => undefined);
  if (text === undefined || isOurs(text)) return;
  throw new ConfigError({
    where: resultsPath,
    expected: 'the results of an earlier start',
    received: 'something else',
    hint: 'Give another --directory.',
  });
}

function isOurs(text: string): boolean {
  try {
    return typeof JSON.parse(text).methods === 'object';
  } catch {
    return false;
  }
}

await runProgram(async (signal) => {
  const options = readOptions(process.argv.slice(2));
  if (options) await main(options, signal);
});
