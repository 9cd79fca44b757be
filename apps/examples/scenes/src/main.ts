import { join } from 'node:path';
import { type Model, useBackend } from '@polymodal/core';
import { loadModel, replaceFile } from '@polymodal/core/node';
import { claimDirectory, earlierMethods, runProgram } from '@polymodal/example-material';
import { runStatus } from '@polymodal/trainer';
import { makeData, type ScenesData } from './data/make-data';
import type { SceneSample } from './data/scene-sample';
import { type Experiment, runExperiment } from './experiment';
import { learnToHear, utterancesOf } from './hearing';
import { languages } from './language/phrases';
import { wordTokenizer } from './language/word-tokenizer';
import { type Options, readOptions } from './options';
import { learnToPerceive, picturesOf, questionsOf } from './perception';
import { writeScenesReport } from './report/write-scenes-report';
import { type HowMeasured, type MethodResults, methodResults, type Results, resultsTable, summarize } from './results';
import { type ModelSetup, methods, registry } from './scenes-model';

/** Trains each method, measures it, and writes and shows what came of it. Ctrl-C leaves runs that the same command goes on with. */
async function main(options: Options, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  const { edition, seeds, epochs, directory } = options;
  const resultsPath = join(directory, 'results.json');
  const runs = [...options.methods, 'perception', 'hearing'].flatMap((name) =>
    Array.from({ length: seeds }, (_, seed) => [`${name}-${seed}`, `${name}-${seed}-spoken`]).flat(),
  );
  await claimDirectory(directory, {
    names: [...runs, 'tokenizer.json', 'report.html', 'speech'],
    isResults: (content) => typeof content.methods === 'object',
  });
  console.log(`Backend: ${await useBackend()}`);
  const data = await makeData(options, join(directory, 'speech'), signal);
  const tokenizer = await tokenizerOf(options);
  const setups = Array.from({ length: seeds }, (_, seed): ModelSetup => ({ edition, tokenizer, seed }));
  const perceptions = [];
  for (const setup of setups) perceptions.push(await perceive(options, setup, data.train, signal));

  const how = howMeasured(options, data);
  const measured = await methodsSoFar(resultsPath, how, directory);
  for (const method of options.methods) {
    const runs = [];
    for (const [seed, setup] of setups.entries()) {
      console.log(`\n${method}, seed ${seed}`);
      const run = { method, setup, epochs, directory: join(directory, `${method}-${seed}`), ...perceptions[seed] };
      runs.push(await runExperiment(run, data, signal));
      signal.throwIfAborted();
    }
    measured.set(method, summarize(runs));
    const inOrder = methods.flatMap((name) => (measured.has(name) ? [[name, measured.get(name)!] as const] : []));
    const seconds = Math.round(performance.now() - started) / 1000;
    const results: Results = { ...how, seconds, methods: Object.fromEntries(inOrder) };
    await replaceFile(resultsPath, `${JSON.stringify(results, null, 2)}\n`);
    await report(join(directory, 'report.html'), results, data, directory);
    console.log(`\n${resultsTable(results.methods)}`);
  }
  console.log(`\nFigures: ${resultsPath}`);
}

function howMeasured(options: Options, { train, test }: ScenesData): HowMeasured {
  const { seeds, epochs, perception, edition, languages, typingErrors } = options;
  return {
    ...{ seeds, epochs, perception, edition: edition.name, languages, typingErrors },
    trainingSamples: train.length,
    testSamples: test.length,
  };
}

/** What earlier starts have measured in the same way, and is still there. */
async function methodsSoFar(
  resultsPath: string,
  how: HowMeasured,
  directory: string,
): Promise<Map<string, MethodResults>> {
  const earlier = await earlierMethods(resultsPath, { how: { ...how }, figures: methodResults });
  return new Map(
    Object.entries(earlier).filter(([method]) => runStatus(join(directory, `${method}-0`)) === 'finished'),
  );
}

/** The encoders of a seed, trained by themselves: of both pictures and writing, and of speech. */
async function perceive(
  { perception: epochs, spoken, directory }: Options,
  setup: ModelSetup,
  train: readonly SceneSample[],
  signal: AbortSignal,
): Promise<Pick<Experiment, 'perception' | 'hearing'>> {
  if (epochs === 0) return {};
  console.log(`\nSeeing and reading, seed ${setup.seed}`);
  const perception = join(directory, `perception-${setup.seed}`);
  const data = { pictures: picturesOf(train), questions: questionsOf(train) };
  await learnToPerceive({ setup, epochs, directory: perception }, data, signal);
  if (!spoken) return { perception };
  console.log(`\nHearing, seed ${setup.seed}`);
  const hearing = join(directory, `hearing-${setup.seed}`);
  await learnToHear({ setup, epochs: hearingEpochs, directory: hearing }, utterancesOf(train), signal);
  return { perception, hearing };
}

/** There are fewer utterances than pictures. */
const hearingEpochs = 12;

/** The page, with the models of the first seed. */
async function report(path: string, results: Results, { test }: ScenesData, directory: string): Promise<void> {
  const models = new Map<string, Model>();
  try {
    for (const method of Object.keys(results.methods)) {
      models.set(method, await loadModel(registry, join(directory, `${method}-0`, 'model')));
    }
    await writeScenesReport(path, { results, test, models });
  } finally {
    for (const model of models.values()) model.dispose();
  }
}

/** The file with the words of the questions; none where they are mistyped, and are read byte by byte. */
async function tokenizerOf({ edition, directory, typingErrors, ...options }: Options): Promise<string | undefined> {
  if (typingErrors) return undefined;
  const path = join(directory, 'tokenizer.json');
  await replaceFile(
    path,
    wordTokenizer(
      edition,
      languages.filter(({ tag }) => options.languages.includes(tag)),
    ),
  );
  return path;
}

await runProgram(async (signal) => {
  const options = readOptions(process.argv.slice(2));
  if (options) await main(options, signal);
});
