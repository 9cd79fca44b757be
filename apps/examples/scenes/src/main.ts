import { join } from 'node:path';
import { useBackend } from '@polymodal/core';
import { replaceFile } from '@polymodal/core/node';
import { claimDirectory, runProgram } from '@polymodal/example-material';
import { makeData } from './data/make-data';
import { runExperiment } from './experiment';
import { type Options, readOptions } from './options';
import { type MethodResults, type Results, resultsTable, summarize } from './results';

/** Trains each method, measures it, and writes and shows what came of it. Ctrl-C leaves runs that the same command goes on with. */
async function main(options: Options, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  const { edition, methods, seeds, epochs, directory } = options;
  const resultsPath = join(directory, 'results.json');
  const runs = methods.flatMap((method) => Array.from({ length: seeds }, (_, seed) => `${method}-${seed}`));
  await claimDirectory(directory, { runs, isResults: (content) => typeof content.methods === 'object' });
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

await runProgram(async (signal) => {
  const options = readOptions(process.argv.slice(2));
  if (options) await main(options, signal);
});
