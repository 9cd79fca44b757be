import { join } from 'node:path';
import { useBackend } from '@polymodal/core';
import { replaceFile } from '@polymodal/core/node';
import { claimDirectory, inColumns, runProgram } from '@polymodal/example-material';
import { train, writeReport } from '@polymodal/trainer';
import { columns, figureCells } from './figure-cells';
import { judge } from './judge';
import { type Options, readOptions } from './options';
import { reportSections } from './report';
import { prepareStrings } from './string-data';
import { stringsModel } from './strings-model';

/** Has a recogniser learn to write strings of digits down, and tests it on voices that it never heard. Ctrl-C leaves a run to go on with. */
async function main(options: Options, signal: AbortSignal): Promise<void> {
  const { directory, seed, steps, beams } = options;
  await claimDirectory(directory, { names: ['run', 'report.html'], isResults: (content) => 'figures' in content });
  console.log(`Backend: ${await useBackend()}`);
  const data = await prepareStrings(options, signal);
  const model = stringsModel(seed);
  const result = await train(model, {
    data: data.train,
    evaluate: data.validation,
    ...{ steps, batchSize: 32, learningRate: 2e-3, weightDecay: 0.05, seed, signal },
    directory: join(directory, 'run'),
  });
  signal.throwIfAborted();
  const { figures, heard } = await judge(model, data, beams, signal);
  const lines = Object.entries(figures).flatMap(([test, ways]) =>
    Object.entries(ways).map(([way, own]) => [test, way, ...figureCells(own)]),
  );
  console.log(`\n${inColumns([['never heard before', 'read by', ...columns], ...lines])}\n`);
  for (const { said, heard: own } of Object.values(heard).flatMap((list) => list.slice(0, 3))) {
    const times = own.words
      .map(({ text, start, end }) => `${text} ${start!.toFixed(2)}–${end!.toFixed(2)} s`)
      .join(', ');
    console.log(`said: ${said}\n  heard: ${times}`);
  }
  const { seconds } = result;
  const results = { steps, strings: options.strings, test: options.test, beams, seed, seconds, figures };
  await replaceFile(join(directory, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
  await writeReport(join(directory, 'report.html'), {
    title: 'Strings of digits, written down',
    sections: await reportSections(model, { data, figures, heard, result }),
  });
  console.log(`\nPage: ${join(directory, 'report.html')}`);
}

await runProgram(async (signal) => {
  const options = readOptions(process.argv.slice(2));
  if (options) await main(options, signal);
});
