// Time, memory and accuracy of tuning two pretrained towers (all-MiniLM-L6-v2) on the subjects and bodies of real mails, lengths as
// they come, with `train` on our backend and in PyTorch, epoch by epoch in turns:
//
//   MINILM=<its folder> PYTHON=<a python with torch, transformers> pnpm bench:finetune-mixed [--configs complete,missing-0.2] [--peers pytorch]
//
// Where accuracies after an epoch differ by more than three points, the bench fails. The last line is JSON.

import { besidePyTorch, describeSides } from './src/beside-pytorch';
import { configs, type FinetuneConfig } from './src/finetune-mixed/configs';
import type { EpochResult } from './src/finetune-mixed/epoch-result';
import { readMails } from './src/finetune-mixed/mails';
import { writeWorkload } from './src/finetune-mixed/workload';
import { describeMachine } from './src/machine';
import { minilmFolder } from './src/minilm-folder';
import { parseBenchOptions } from './src/options';
import { temporaryFolder } from './src/temporary-folder';

const largestAccuracyDifference = 0.03;

const options = parseBenchOptions({ configs: Object.keys(configs), peers: ['pytorch'], rounds: 1 });
const model = minilmFolder();
const machine = describeMachine();
const folder = temporaryFolder();
const results: Record<string, Awaited<ReturnType<typeof measure>>> = {};
for (const name of options.configs) {
  results[name] = await measure(configs[name]!);
  console.log(describe(name, results[name]));
}
console.log(JSON.stringify({ bench: 'finetune-mixed', machine, configs: results }));
for (const [name, { ours, pytorch }] of Object.entries(results)) {
  const difference = pytorch === null ? 0 : Math.max(...pytorch.accuracy.map((own, i) => own - ours.accuracy[i]!));
  if (difference <= largestAccuracyDifference) continue;
  console.error(`${name}: PyTorch tells ${(100 * difference).toFixed(1)} points more of the held-out mails.`);
  process.exitCode = 1;
}

async function measure(config: FinetuneConfig) {
  const mails = readMails(config.trainingMails + config.heldOutMails);
  const training = mails.slice(0, config.trainingMails);
  writeWorkload(folder, { config, model, training, heldOut: mails.slice(config.trainingMails) });
  return besidePyTorch({
    work: 'finetune-mixed',
    ours: new URL('src/finetune-mixed/ours.ts', import.meta.url),
    pytorch: new URL('src/finetune-mixed/pytorch.py', import.meta.url),
    folder,
    peers: options.peers,
    install: 'pip install torch transformers, then name that Python: PYTHON=… pnpm bench:finetune-mixed',
    turns: [{ times: 1, rounds: config.epochs }],
    figures: (epochs: readonly EpochResult[], peakRssBytes) => figuresOf(config, epochs, peakRssBytes),
  });
}

function figuresOf(config: FinetuneConfig, epochs: readonly EpochResult[], peakRssBytes: number) {
  const seconds = epochs.map((epoch) => epoch.seconds);
  const mean = seconds.reduce((sum, own) => sum + own, 0) / seconds.length;
  return {
    /** Of an epoch. */
    ms: 1000 * mean,
    peakRssBytes,
    samplesPerSecond: config.trainingMails / mean,
    secondsOfEpochs: seconds,
    compileShareOfEpochs: epochs.map((epoch) => epoch.compileSeconds / epoch.seconds),
    accuracy: epochs.map((epoch) => epoch.accuracy),
  };
}

function describe(name: string, compared: (typeof results)[string]): string {
  const sides = describeSides(compared, ({ samplesPerSecond, peakRssBytes, compileShareOfEpochs, accuracy }) =>
    [
      `${samplesPerSecond.toFixed(1)} mails/s`,
      `${(peakRssBytes / 2 ** 20).toFixed(0)} MiB`,
      `compiling ${compileShareOfEpochs.map(inPercent).join(', ')}`,
      `accuracy after each epoch ${accuracy.map(inPercent).join(', ')}`,
    ].join(', '),
  );
  return `${name}: ${sides}`;
}

function inPercent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
