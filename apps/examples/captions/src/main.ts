import { join } from 'node:path';
import { RandomKey, useBackend } from '@polymodal/core';
import { replaceFile } from '@polymodal/core/node';
import { readEasyVqa } from '@polymodal/example-easy-vqa';
import { claimDirectory, runProgram } from '@polymodal/example-material';
import { speak } from './data/speech';
import { runEasyVqa } from './easy-vqa/run-easy-vqa';
import { captionsRun, perceptionRun, runExperiment } from './experiment';
import { tokenizer } from './language/tokenizer';
import { guessedCider, measure, type TestGroup, testGroups } from './measure';
import { type Options, readOptions } from './options';
import { type CaptionsModel, restricted, writeCaptionsReport } from './report/write-captions-report';
import { easyVqaTable, isResults, type Results, resultsTable } from './results';

/** Voices of the test, none of whose speakers the training has. */
const testVoices = 6;

/** Has a model learn to write about what it sees and hears, measures it, and shows it. Ctrl-C leaves runs that the same command goes on with. */
async function main(options: Options, signal: AbortSignal): Promise<void> {
  const { directory, seed, perception, epochs, scenes, voices } = options;
  await claimDirectory(directory, {
    names: [
      perceptionRun,
      captionsRun,
      'tokenizer.json',
      'speech',
      'report.html',
      'easy-vqa',
      'easy-vqa-tokenizer.json',
    ],
    isResults,
  });
  console.log(`Backend: ${await useBackend()}`);
  const pictures = options.easyVqa === undefined ? undefined : await readEasyVqa(options.easyVqa, signal);
  const speech = await speak({ train: voices, test: testVoices }, join(directory, 'speech'), signal);
  const words = join(directory, 'tokenizer.json');
  await replaceFile(words, tokenizer());
  const key = RandomKey.from(seed);
  const { model, seconds } = await runExperiment({
    ...{ tokenizer: words, seed, perception, epochs, scenes, directory, signal },
    voices: speech.train,
    key: key.fold('train'),
  });
  try {
    const groups = testGroups(options.test, { voices: speech.test, key: key.fold('test') });
    await tellSome(model, groups, signal);
    const figures = await measure(model, groups, signal);
    const easyVqa = pictures && (await runEasyVqa(pictures, { directory, seed, signal }));
    const results: Results = {
      ...{ seed, scenes, voices, perception, epochs, seconds, figures },
      guessed: guessedCider(groups),
      ...(easyVqa && { easyVqa }),
    };
    await replaceFile(join(directory, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
    await writeCaptionsReport(join(directory, 'report.html'), { results, groups, model });
    console.log(`\n${resultsTable(results)}`);
    if (easyVqa) console.log(`\n${easyVqaTable(easyVqa)}`);
    console.log(`\nFigures: ${join(directory, 'results.json')}, page: report.html`);
  } finally {
    model.dispose();
  }
}

/** A scene of each group, what is written about it word by word as it comes. */
async function tellSome(model: CaptionsModel, groups: readonly TestGroup[], signal: AbortSignal): Promise<void> {
  for (const { samples } of groups) {
    const [sample] = samples;
    for (const subset of ['picture', 'speech', 'both'] as const) {
      process.stdout.write(`${sample.text} (by ${subset}) `);
      for await (const piece of model.stream(restricted(sample, subset), 'answer', {}, { signal })) {
        process.stdout.write(piece);
      }
      process.stdout.write('\n');
    }
    console.log(`Right: ${sample.targets.answer}\n`);
  }
}

await runProgram(async (signal) => {
  const options = readOptions(process.argv.slice(2));
  if (options) await main(options, signal);
});
