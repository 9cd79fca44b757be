// Time, memory, losses and accuracy of tuning on two towers of their published sizes (CLIP ViT-B/32 and MiniLM), frozen or by LoRA, ours and in
// PyTorch as people write it, epoch by epoch in turns:
//
//   PYTHON=<a python with torch, transformers, peft> pnpm bench:finetune [--configs frozen-fp32,frozen-int8,cached,lora,lora-int8,frozen-compiled] [--rounds 3]
//
// Where losses of the first batch differ by more than 10⁻³, and the numbers are to be the same, the bench fails. The last line is JSON.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { besidePyTorch, describeSides } from './src/beside-pytorch';
import { ratio } from './src/figures';
import { configs, type FinetuneConfig } from './src/finetune/configs';
import type { EpochResult } from './src/finetune/epoch-result';
import { writeWorkload } from './src/finetune/workload';
import { describeMachine } from './src/machine';
import { median } from './src/median';
import { parseBenchOptions } from './src/options';
import { temporaryFolder } from './src/temporary-folder';

const largestLossDifference = 1e-3;
const python = process.env.PYTHON ?? 'python3';
const tokenizer = fileURLToPath(new URL('../../packages/encoder-text/fixtures/word-piece.json', import.meta.url));

const options = parseBenchOptions({ configs: Object.keys(configs), peers: ['pytorch'], rounds: 2 });
const machine = describeMachine();
const folder = temporaryFolder();
execFileSync(python, [fileURLToPath(new URL('src/finetune/write_towers.py', import.meta.url)), folder, tokenizer]);
const results: Record<string, Awaited<ReturnType<typeof measure>>> = {};
for (const name of options.configs) {
  results[name] = await measure(configs[name]!);
  console.log(describe(name, results[name]));
}
console.log(JSON.stringify({ bench: 'finetune', machine, configs: results }));
for (const [name, { ours, pytorch }] of Object.entries(results)) {
  const difference = pytorch === null ? 0 : Math.abs(ours.firstLoss - pytorch.firstLoss);
  if (difference <= largestLossDifference || configs[name]!.precision === 'int8') continue;
  console.error(`${name}: the first losses differ by ${difference.toExponential(1)}.`);
  process.exitCode = 1;
}

async function measure(config: FinetuneConfig) {
  writeWorkload(folder, config);
  const compared = await besidePyTorch({
    work: 'finetune',
    ours: new URL('src/finetune/ours.ts', import.meta.url),
    pytorch: new URL('src/finetune/pytorch.py', import.meta.url),
    folder,
    peers: options.peers,
    install: 'pip install torch transformers peft',
    turns: [{ times: 1, rounds: config.warmUps + options.rounds }],
    figures: (epochs: readonly EpochResult[], peakRssBytes) => figuresOf(config, epochs, peakRssBytes),
  });
  return { ...compared, cpuRatio: ratio(compared.ours, compared.pytorch, 'cpuMs') };
}

function figuresOf({ warmUps, trainingSamples }: FinetuneConfig, all: readonly EpochResult[], peakRssBytes: number) {
  const epochs = all.slice(warmUps);
  const seconds = median(epochs.map((epoch) => epoch.seconds));
  return {
    /** Of an epoch. */
    ms: 1000 * seconds,
    cpuMs: 1000 * median(epochs.map((epoch) => epoch.cpuSeconds)),
    peakRssBytes,
    samplesPerSecond: trainingSamples / seconds,
    secondsOfFirstEpoch: all[0]!.seconds,
    firstLoss: all[0]!.firstLoss,
    accuracy: all.map((epoch) => epoch.accuracy),
  };
}

function describe(name: string, compared: (typeof results)[string]): string {
  const sides = describeSides(compared, ({ samplesPerSecond, peakRssBytes, firstLoss, accuracy }) =>
    [
      `${samplesPerSecond.toFixed(1)} samples/s`,
      `${(peakRssBytes / 2 ** 20).toFixed(0)} MiB`,
      `first loss ${firstLoss.toFixed(5)}`,
      `accuracy ${accuracy.at(-1)!.toFixed(2)}`,
    ].join(', '),
  );
  const { timeRatio, memoryRatio } = compared;
  const ratios =
    timeRatio === null ? '' : ` (${(1 / timeRatio).toFixed(2)} × as fast, ${memoryRatio!.toFixed(2)} × the memory)`;
  return `${name}: ${sides}${ratios}`;
}
