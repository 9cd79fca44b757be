import { join } from 'node:path';
import { useBackend } from '@polymodal/core';
import { replaceFile } from '@polymodal/core/node';
import { claimDirectory, readCommandLine, runProgram, wholeNumber } from '@polymodal/example-material';
import { z } from 'zod';
import { modalities, prepareDigits } from '../data';
import { figureText, percent } from '../report/tables';
import { architectures } from './architectures';
import { type ArchitectureFigures, endings, measureArchitecture } from './measure-architecture';

const usage = `npm run architectures -- [options]

  --epochs <n>      passes over the training data (default 6)
  --samples <n>     training samples (default 6000)
  --seed <n>        (default 0)
  --directory <d>   where trainings and results go (default runs/architectures)
  --help            this text`;

const commandOptions = {
  epochs: wholeNumber(1).default(6),
  samples: wholeNumber(100).default(6000),
  seed: wholeNumber(0).default(0),
  directory: z.string().default('runs/architectures'),
  help: z.boolean().default(false),
};

/** Trains the four architectures on the digits with the same budget, and shows what each costs and can do. */
async function main(signal: AbortSignal): Promise<void> {
  const { help, samples, directory, ...budget } = readCommandLine(process.argv.slice(2), commandOptions);
  if (help) return console.log(usage);
  await claimDirectory(directory, {
    names: Object.keys(architectures).flatMap((name) =>
      Object.values(endings).map((ending) => folderOf(name) + ending),
    ),
    isResults: (content) => 'architectures' in content,
  });
  await useBackend();
  const data = await prepareDigits({ sizes: { train: samples, validation: 500, test: 1500 }, signal });
  const measured: Record<string, ArchitectureFigures> = {};
  for (const [name, architecture] of Object.entries(architectures)) {
    console.log(`\n${name}`);
    const own = { ...budget, folder: join(directory, folderOf(name)), signal };
    measured[name] = await measureArchitecture(architecture, data, own);
  }
  const results = { samples, ...budget, testSamples: data.test.length, architectures: measured };
  await replaceFile(join(directory, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
  console.log(`\n${[accuracyFigure(measured), addingFigure(measured)].map(figureText).join('\n\n')}\n`);
  console.log(`Figures: ${join(directory, 'results.json')}`);
}

function folderOf(name: string): string {
  return name.replaceAll(' ', '-');
}

function accuracyFigure(measured: Readonly<Record<string, ArchitectureFigures>>) {
  const names = Object.keys(measured);
  const all = modalities.join('+');
  const subsets = Object.keys(measured[names[0]].subsets);
  const rows = [
    ...subsets.map((subset) => [subset, ...names.map((name) => percent(measured[name].subsets[subset].accuracy))]),
    ...subsets.map((subset) => [
      `million multiply-adds, ${subset}`,
      ...names.map((name) => millions(measured[name].subsets[subset].multiplyAdds)),
    ]),
    ['parameters', ...names.map((name) => measured[name].parameters.toLocaleString('en'))],
    ['seconds of training', ...names.map((name) => measured[name].seconds.toFixed(0))],
  ];
  return { title: `Accuracy by what is there, cost of a sample (${all}: everything)`, columns: ['', ...names], rows };
}

function addingFigure(measured: Readonly<Record<string, ArchitectureFigures>>) {
  const names = Object.keys(measured);
  const after = (subset: string) => names.map((name) => percent(measured[name].adding.after[subset]));
  const rows = [
    ['image+text before', ...names.map((name) => percent(measured[name].adding.before['image+text']))],
    ['image+text after', ...after('image+text')],
    ['audio after', ...after('audio')],
    ['image+audio+text after', ...after('image+audio+text')],
    ['answers without sound that changed', ...names.map((name) => percent(measured[name].adding.changed))],
    ['parameters that are new and learn', ...names.map((name) => percent(measured[name].adding.share))],
    ['seconds of training', ...names.map((name) => measured[name].adding.seconds.toFixed(0))],
  ];
  return { title: 'Sound added to a model of pictures and words', columns: ['', ...names], rows };
}

function millions(count: number): string {
  return (count / 1e6).toFixed(2);
}

await runProgram(main);
