// Time and memory of one training step of a Transformer (forward, backward, Adam; float32) on our backend, in PyTorch and
// on TensorFlow.js's wasm backend, in alternating rounds:
//
//   pnpm bench:train-step [--configs 2x64,6x384] [--peers replayed,pytorch,wasm] [--rounds 3]      PYTHON=<a python with torch>
//
// All do the same work: where losses differ by more than 1e-3 at any step, the bench fails. The last line is JSON.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alternate, type Turn } from './src/alternate';
import { bundle } from './src/bundle';
import { Contender, type Program } from './src/contender';
import { type Figures, inWords, ratio } from './src/figures';
import { describeMachine } from './src/machine';
import { median } from './src/median';
import { parseBenchOptions } from './src/options';
import { temporaryFolder } from './src/temporary-folder';
import { configs } from './src/train-step/configs';
import type { StepsResult } from './src/train-step/steps-result';
import { writeWorkload } from './src/train-step/workload';

type Name = 'ours' | 'replayed' | 'pytorch' | 'wasm';

const largestLossDifference = 1e-3;
const installPyTorch = 'pip install torch safetensors numpy, then name that Python: PYTHON=… pnpm bench:train-step';

const options = parseBenchOptions({ configs: Object.keys(configs), peers: ['replayed', 'pytorch', 'wasm'], rounds: 3 });
const machine = describeMachine();
const script = await bundle(new URL('src/train-step/tensorflow-js.ts', import.meta.url), 'train-step');
const workloads = temporaryFolder();
const results: Record<string, Awaited<ReturnType<typeof measure>>> = {};
for (const name of options.configs) {
  results[name] = await measure(name);
  console.log(describe(name, results[name]));
}
console.log(JSON.stringify({ bench: 'train-step', machine, configs: results }));
for (const [name, { maxLossDifference }] of Object.entries(results)) {
  if (maxLossDifference === null || maxLossDifference <= largestLossDifference) continue;
  console.error(`${name}: losses differ by ${maxLossDifference}, so the work is not the same.`);
  process.exitCode = 1;
}

async function measure(name: string) {
  const folder = join(workloads, name);
  mkdirSync(folder);
  writeWorkload(folder, configs[name]!);
  const { contenders, missing } = await start(name, folder);
  const warmUp = await alternate(turns(name, contenders, 'warmUpSteps'), 1);
  const rounds = await alternate(turns(name, contenders, 'stepsPerRound'), options.rounds);
  const figures = await finish(contenders, rounds);
  const losses = (own: Name) => [...(warmUp[own] ?? []), ...(rounds[own] ?? [])].flatMap((round) => round.losses);
  const ours = figures.ours!;
  const { replayed = null, pytorch = null, wasm = null } = figures;
  return {
    ours,
    replayed,
    pytorch,
    wasm,
    timeRatio: ratio(ours, pytorch, 'ms'),
    replayedTimeRatio: replayed && ratio(replayed, pytorch, 'ms'),
    wasmTimeRatio: ratio(ours, wasm, 'ms'),
    memoryRatio: ratio(ours, pytorch, 'peakRssBytes'),
    maxLossDifference: largestDifference(losses('ours'), [losses('replayed'), losses('pytorch'), losses('wasm')]),
    ...(Object.keys(missing).length > 0 && { missing }),
  };
}

/** Starts our side and the peers that are asked for and installed; tells about those that are not. */
async function start(name: string, folder: string) {
  const { wasm } = configs[name]!;
  const pytorch = fileURLToPath(new URL('src/train-step/pytorch.py', import.meta.url));
  const programs: Record<Name, Program> = {
    ours: { command: process.execPath, args: [script, 'onnx', folder] },
    replayed: { command: process.execPath, args: [script, 'onnx-replayed', folder] },
    pytorch: { command: process.env.PYTHON ?? 'python3', args: [pytorch, folder, String(machine.cores)] },
    wasm: { command: process.execPath, args: [script, 'wasm', folder] },
  };
  const contenders: Partial<Record<Name, Contender<StepsResult>>> = {};
  const missing: Partial<Record<Name, string>> = {};
  for (const own of ['ours', ...options.peers] as Name[]) {
    if (own === 'wasm' && typeof wasm === 'string') {
      missing.wasm = wasm;
      continue;
    }
    const contender = await Contender.start<StepsResult>(programs[own]);
    if (contender) contenders[own] = contender;
    else missing[own] = `not installed: ${installPyTorch}`;
  }
  return { contenders, missing };
}

function turns(
  name: string,
  contenders: Partial<Record<Name, Contender<StepsResult>>>,
  phase: 'warmUpSteps' | 'stepsPerRound',
): Partial<Record<Name, Turn<StepsResult>>> {
  const { wasm, ...config } = configs[name]!;
  const turnOf = ([own, contender]: [string, Contender<StepsResult>]): [string, Turn<StepsResult>] => {
    return [own, { contender, times: own === 'wasm' && typeof wasm !== 'string' ? wasm[phase] : config[phase] }];
  };
  return Object.fromEntries(Object.entries(contenders).map(turnOf));
}

async function finish(
  contenders: Partial<Record<Name, Contender<StepsResult>>>,
  rounds: Partial<Record<Name, StepsResult[]>>,
): Promise<Partial<Record<Name, Figures>>> {
  const figures: Partial<Record<Name, Figures>> = {};
  for (const [own, contender] of Object.entries(contenders) as [Name, Contender<StepsResult>][]) {
    const ms = median(rounds[own]!.map((round) => median(round.ms)));
    figures[own] = { ms, peakRssBytes: await contender.finish() };
  }
  return figures;
}

/** Between our losses and a peer's, over the steps that both took, warm-up included; null without a peer. */
function largestDifference(ours: readonly number[], peers: readonly (readonly number[])[]): number | null {
  const differences = peers.flatMap((peer) =>
    peer.slice(0, ours.length).map((loss, step) => Math.abs(loss - ours[step]!)),
  );
  return differences.length === 0 ? null : Math.max(...differences);
}

function describe(
  name: string,
  { ours, replayed, pytorch, wasm, timeRatio, replayedTimeRatio, maxLossDifference, missing }: (typeof results)[string],
) {
  const peers = Object.entries({ replayed, pytorch, wasm }).map(([peer, figures]) => {
    return `${peer} ${figures ? inWords(figures) : (missing?.[peer as Name] ?? 'not asked for')}`;
  });
  const comparison = Object.entries({ recorded: timeRatio, replayed: replayedTimeRatio }).flatMap(([kind, factor]) =>
    factor === null ? [] : [`${kind} ${factor.toFixed(2)} × PyTorch's time`],
  );
  return [`${name}: ours ${inWords(ours)}`, ...peers, ...comparison, `losses ${maxLossDifference} apart`].join('; ');
}
