import { join } from 'node:path';
import { useBackend } from '@polymodal/core';
import { replaceFile } from '@polymodal/core/node';
import { claimDirectory, runProgram } from '@polymodal/example-material';
import { writeReport } from '@polymodal/trainer';
import { pretrain, pretrainingFolder, tune } from './experiment';
import { labelCounts, type Options, readOptions } from './options';
import { makeData, type PretrainingData } from './pretraining-data';
import { compare, comparisonTable, type Results, said, starts, type Tuning } from './results';

/** Pre-trains, fine-tunes from both starts, and shows what pre-training is worth. Ctrl-C leaves pre-trainings that the same command goes on with. */
async function main(options: Options, signal: AbortSignal): Promise<void> {
  const { seeds, steps, tuning, digits, scenes, test, directory } = options;
  const started = performance.now();
  const folders = Array.from({ length: seeds }, (_, seed) => `pretrained-${seed}`);
  await claimDirectory(directory, {
    names: [...folders, 'report.html'],
    isResults: ({ tunings }) => Array.isArray(tunings),
  });
  console.log(`Backend: ${await useBackend()}`);
  const data = await makeData({ digits, scenes, test }, signal);
  const tunings: Tuning[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const own = pretrainingFolder(directory, seed);
    console.log(`\nPre-training, seed ${seed}`);
    if (!(await pretrain(data, { directory: own, seed, steps, signal }))) signal.throwIfAborted();
    tunings.push(...(await tuneAll(data, options, seed, signal)));
    const results: Results = {
      ...{ seeds: seed + 1, scenes, testSamples: test, steps: { pretraining: steps, tuning }, tunings },
      seconds: Math.round(performance.now() - started) / 1000,
    };
    await replaceFile(join(directory, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
    await report(join(directory, 'report.html'), results);
  }
  for (const { labels, subset, scratch, pretrained } of compare(tunings)) {
    console.log(`${labels} labels, ${subset}: from scratch ${said(scratch)}, pre-trained ${said(pretrained)}`);
  }
  console.log(`\nReport:  ${join(directory, 'report.html')}\nFigures: ${join(directory, 'results.json')}`);
}

/** From each start and with each number of labels. */
async function tuneAll(data: PretrainingData, options: Options, seed: number, signal: AbortSignal): Promise<Tuning[]> {
  const tunings: Tuning[] = [];
  for (const labels of labelCounts(options)) {
    for (const start of starts) {
      const from = start === 'pretrained' ? pretrainingFolder(options.directory, seed) : undefined;
      const accuracies = await tune(data, { labels, from, seed, steps: options.tuning, signal });
      signal.throwIfAborted();
      tunings.push({ labels, start, seed, accuracies: accuracies! });
      const shown = Object.entries(accuracies!).map(([subset, { accuracy }]) => `${subset} ${accuracy.toFixed(3)}`);
      console.log(`seed ${seed}, ${labels} labels, ${start}: ${shown.join(', ')}`);
    }
  }
  return tunings;
}

function report(path: string, { seeds, steps, testSamples, tunings, seconds }: Results): Promise<void> {
  const words =
    `Right answers to ${testSamples} digits of other writers and voices, after the same ${steps.tuning} steps of fine-tuning: means over ` +
    `${seeds} seeds, and the least and largest of them. Pre-training: two stages of ${steps.pretraining} steps over digits and scenes with captions. ${Math.round(seconds)} s in all.`;
  return writeReport(path, {
    title: 'What pre-training is worth',
    sections: [{ heading: 'Fine-tuning with few labels', html: `<p>${words}</p>${comparisonTable(compare(tunings))}` }],
  });
}

await runProgram(async (signal) => {
  const options = readOptions(process.argv.slice(2));
  if (options) await main(options, signal);
});
