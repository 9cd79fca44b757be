import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type BackendChoice, useBackend } from '@polymodal/core';
import { loadModel, replaceFile } from '@polymodal/core/node';
import { claimDirectory, runProgram } from '@polymodal/example-material';
import { type DigitsData, modalities, prepareDigits } from './data';
import { type Contender, fusions, type Modality, taughtToDoubt } from './digits-model';
import { type Experiment, outdate, runExperiment } from './experiment';
import type { Figures, RivalFigures } from './figures';
import { type Options, readOptions } from './options';
import { measureProduct } from './product-of-singles';
import { registry } from './registry';
import { accuracyFigure, contradictionFigure, figureText, percent, retrievalFigure } from './report/tables';
import { writeDigitsReport } from './report/write-digits-report';
import { type Results, summarize } from './results';
import { writeSampleFiles } from './sample-files';

/** Prepares the data, trains, measures, and shows what came of it. Ctrl-C leaves a run that the same command resumes. */
async function main(options: Options, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  const experiments = plan(options);
  await claimDirectory(options.directory, {
    names: [...experiments.map(({ directory }) => basename(directory)), 'report.html', 'samples'],
    isResults: ({ seeds, testSamples, accuracy }) => !!(seeds && testSamples && accuracy),
  });
  const backend = await useBackend(options.backend);
  console.log(`Backend: ${backend}`);

  const data = await prepareDigits({
    sizes: { train: options.samples, validation: 500, test: 1500 },
    ...(options.speech !== undefined && { speech: options.speech }),
    ...(options.testSpeakers && { testSpeakers: options.testSpeakers }),
    signal,
  });
  const resultsPath = join(options.directory, 'results.json');
  await outdateFinished(resultsPath, experiments);
  const figures = await runAll(experiments, data, signal);
  signal.throwIfAborted();

  const main = figures['masked-transformer']!;
  const rivals = await rivalsOf(figures, options, data);
  const results = summarize(main, rivals, data.test, measureRun(backend, started));
  const model = await loadModel(registry, join(experiments[0].directory, 'model'));
  const report = join(options.directory, 'report.html');
  await writeDigitsReport(report, { model, data, results, figures: main[0] });
  const complete: Results = { ...results, ...measureRun(backend, started) };
  await replaceFile(resultsPath, `${JSON.stringify(complete, null, 2)}\n`);

  show(complete);
  const files = await writeSampleFiles(
    join(options.directory, 'samples'),
    [3, 1, 4, 6, 8, 10]
      .map((index) => data.test.get(index))
      .filter(({ text }) => !text.includes('\uFFFD')) // what nobody can type
      .slice(0, 3),
  );
  const [answer] = await model.predict([{ image: files[0].image, audio: files[0].audio, text: files[0].text }]);
  console.log(
    `The saved model, loaded again, says ${(answer.digit as { label: string }).label} of ${files[0].image}, ${files[0].audio} and "${files[0].text}".`,
  );
  console.log(`\nReport:  ${report}\nFigures: ${resultsPath}`);
  console.log(
    `Try it:  npm run digits:predict -- ${modelOption(experiments[0].directory)}--image ${files[1].image} --audio ${files[1].audio} --text "${files[1].text}"`,
  );
}

/** Where to find a model that is not in the place where `digits:predict` looks. */
function modelOption(directory: string): string {
  const model = join(directory, 'model');
  return model === join('runs', 'digits', 'masked-transformer-0', 'model') ? '' : `--model ${model} `;
}

/** The trainings of this call, the one whose model is shown first. */
function plan({ seeds, baselines, epochs, directory }: Options): Experiment[] {
  const contenders: readonly Contender[] = baselines
    ? [...fusions, taughtToDoubt, ...modalities]
    : ['masked-transformer'];
  return contenders.flatMap((contender) =>
    Array.from({ length: seeds }, (_, seed) => ({
      contender,
      seed,
      epochs,
      directory: folderOf(directory, contender, seed),
    })),
  );
}

function folderOf(directory: string, contender: Contender, seed: number): string {
  return join(directory, `${contender}-${seed}`);
}

/** Results stand there once everything is done: then a new start trains anew, and otherwise goes on. */
async function outdateFinished(resultsPath: string, experiments: readonly Experiment[]): Promise<void> {
  if (!existsSync(resultsPath)) return;
  console.log(
    `${resultsPath} is of a finished run, which is trained anew and replaced. To keep it: --directory <another>.`,
  );
  for (const experiment of experiments) await outdate(experiment);
  await rm(resultsPath);
}

/** The figures of each training by contender; fewer where the signal stopped it. */
async function runAll(experiments: readonly Experiment[], data: DigitsData, signal: AbortSignal) {
  const figures: Partial<Record<Contender, Figures[]>> = {};
  for (const experiment of experiments) {
    console.log(`\n${experiment.contender}, seed ${experiment.seed}`);
    const own = await runExperiment(experiment, data, signal);
    if (!own) return figures;
    figures[experiment.contender] = [...(figures[experiment.contender] ?? []), own];
  }
  return figures;
}

/** What the main model is held against: other fusions, and the product of the models that each know one modality. */
async function rivalsOf(
  figures: Readonly<Partial<Record<Contender, readonly Figures[]>>>,
  { baselines, seeds, directory }: Options,
  data: DigitsData,
): Promise<Record<string, readonly RivalFigures[]>> {
  if (!baselines) return {};
  const singles: RivalFigures[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const folder = (modality: Modality) => join(folderOf(directory, modality, seed), 'model');
    singles.push(await measureProduct({ image: folder('image'), audio: folder('audio'), text: folder('text') }, data));
  }
  return { [taughtToDoubt]: figures[taughtToDoubt]!, concat: figures.concat!, mean: figures.mean!, singles };
}

function measureRun(backend: BackendChoice, started: number) {
  return {
    backend: `${backend.name} (${backend.description})`,
    seconds: Math.round(performance.now() - started) / 1000,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  };
}

function show(results: Results): void {
  const figures = [accuracyFigure(results), contradictionFigure(results), retrievalFigure(results)];
  console.log(`\n${figures.map(figureText).join('\n\n')}\n`);
  const minutes = (results.seconds / 60).toFixed(1);
  const gigabytes = (results.peakRssBytes / 2 ** 30).toFixed(2);
  const all = results.accuracy['image+audio+text'];
  console.log(`All three together: ${percent(all.mean)}. ${minutes} min, peak memory ${gigabytes} GiB.`);
}

await runProgram(async (signal) => {
  const options = readOptions(process.argv.slice(2));
  if (options) await main(options, signal);
});
