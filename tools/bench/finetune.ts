// Time, memory, losses and accuracy of tuning on two towers of their published sizes (CLIP ViT-B/32 and MiniLM), frozen or by LoRA, ours and in
// PyTorch as people write it, epoch by epoch in turns:
//
//   PYTHON=<a python with torch, transformers, peft> pnpm bench:finetune [--configs frozen-fp32,frozen-int8,cached,lora] [--rounds 3]
//
// Where losses of the first batch differ by more than 10⁻³, and the numbers are to be the same, the bench fails. The last line is JSON.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { alternate } from './src/alternate';
import { bundle } from './src/bundle';
import { Contender, type Program } from './src/contender';
import { ratio } from './src/figures';
import { configs, type FinetuneConfig } from './src/finetune/configs';
import type { EpochResult } from './src/finetune/epoch-result';
import { writeWorkload } from './src/finetune/workload';
import { describeMachine } from './src/machine';
import { median } from './src/median';
import { parseBenchOptions } from './src/options';
import { temporaryFolder } from './src/temporary-folder';

type Name = 'ours' | 'pytorch';

const largestLossDifference = 1e-3;
const python = process.env.PYTHON ?? 'python3';
const tokenizer = fileURLToPath(new URL('../../packages/encoder-text/fixtures/word-piece.json', import.meta.url));

const options = parseBenchOptions({ configs: Object.keys(configs), peers: ['pytorch'], rounds: 2 });
const machine = describeMachine();
const script = await bundle(new URL('src/finetune/ours.ts', import.meta.url), 'finetune');
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
  const contenders = await start();
  const turns = Object.entries(contenders).map(([own, contender]) => [own, { contender, times: 1 }]);
  const epochs = await alternate<EpochResult, Name>(Object.fromEntries(turns), config.warmUps + options.rounds);
  const ours = await figures(config, contenders.ours!, epochs.ours!);
  const pytorch = contenders.pytorch ? await figures(config, contenders.pytorch, epochs.pytorch!) : null;
  return {
    ours,
    pytorch,
    timeRatio: ratio(ours, pytorch, 'ms'),
    cpuRatio: ratio(ours, pytorch, 'cpuMs'),
    memoryRatio: ratio(ours, pytorch, 'peakRssBytes'),
    ...(pytorch === null &&
      options.peers.length > 0 && { missing: { pytorch: 'not installed: pip install torch transformers peft' } }),
  };
}

async function start(): Promise<Partial<Record<Name, Contender<EpochResult>>>> {
  const peer = fileURLToPath(new URL('src/finetune/pytorch.py', import.meta.url));
  const programs: Record<Name, Program> = {
    ours: { command: process.execPath, args: [script, folder] },
    pytorch: { command: python, args: [peer, folder, String(machine.cores)] },
  };
  return Contender.startAll(programs, ['ours', ...options.peers] as Name[]);
}

async function figures(
  { warmUps, trainingSamples }: FinetuneConfig,
  contender: Contender<EpochResult>,
  all: readonly EpochResult[],
) {
  const epochs = all.slice(warmUps);
  const seconds = median(epochs.map((epoch) => epoch.seconds));
  return {
    /** Of an epoch. */
    ms: 1000 * seconds,
    cpuMs: 1000 * median(epochs.map((epoch) => epoch.cpuSeconds)),
    peakRssBytes: await contender.finish(),
    samplesPerSecond: trainingSamples / seconds,
    secondsOfFirstEpoch: all[0]!.seconds,
    firstLoss: all[0]!.firstLoss,
    accuracy: all.map((epoch) => epoch.accuracy),
  };
}

function describe(name: string, { ours, pytorch, timeRatio, memoryRatio, missing }: (typeof results)[string]): string {
  const sides = Object.entries({ ours, pytorch }).map(([own, side]) => {
    if (side === null) return `${own} ${missing?.pytorch ?? 'not asked for'}`;
    const { samplesPerSecond, peakRssBytes, firstLoss, accuracy } = side;
    return `${own} ${samplesPerSecond.toFixed(1)} samples/s, ${(peakRssBytes / 2 ** 20).toFixed(0)} MiB, first loss ${firstLoss.toFixed(5)}, accuracy ${accuracy.at(-1)!.toFixed(2)}`;
  });
  const ratios =
    timeRatio === null ? '' : ` (${(1 / timeRatio).toFixed(2)} × as fast, ${memoryRatio!.toFixed(2)} × the memory)`;
  return `${name}: ${sides.join('; ')}${ratios}`;
}
