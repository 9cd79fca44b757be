// Time and memory of convolutional networks on our backend and in PyTorch, in alternating rounds: a step of training in which a question
// modulates convolutions (FiLM), and their encoder alone, forward and with gradients, of small pictures and of large ones:
//
//   pnpm bench:convolutions [--configs film-step,forward] [--peers pytorch] [--rounds 3]      PYTHON=<a python with torch>
//
// Both take as many threads as there are cores, or OMP_NUM_THREADS.
// All do the same work: where values or norms of gradients differ, the bench fails. The last line is JSON.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alternate } from './src/alternate';
import { bundle } from './src/bundle';
import { Contender, type Program } from './src/contender';
import { configs } from './src/convolutions/configs';
import type { WorkResult } from './src/convolutions/work-result';
import { writeWorkload } from './src/convolutions/workload';
import { inWords, ratio } from './src/figures';
import { describeMachine } from './src/machine';
import { median } from './src/median';
import { parseBenchOptions } from './src/options';
import { temporaryFolder } from './src/temporary-folder';

type Name = 'ours' | 'pytorch';

/** Of a value, and of a norm in proportion to it: sums of thousands of terms in float32, in another order. */
const largestDifference = 2e-3;
const installPyTorch = 'pip install torch safetensors numpy, then name that Python: PYTHON=… pnpm bench:convolutions';

const options = parseBenchOptions({ configs: Object.keys(configs), peers: ['pytorch'], rounds: 3 });
const machine = describeMachine();
const script = await bundle(new URL('src/convolutions/ours.ts', import.meta.url), 'convolutions');
const workloads = temporaryFolder();
const results: Record<string, Awaited<ReturnType<typeof measure>>> = {};
for (const name of options.configs) {
  results[name] = await measure(name);
  console.log(describe(name, results[name]));
}
console.log(JSON.stringify({ bench: 'convolutions', machine, configs: results }));
for (const [name, { difference }] of Object.entries(results)) {
  if (difference === null || difference <= largestDifference) continue;
  console.error(`${name}: values or norms differ by ${difference}, so the work is not the same.`);
  process.exitCode = 1;
}

async function measure(name: string) {
  const config = configs[name]!;
  const folder = join(workloads, name);
  mkdirSync(folder);
  writeWorkload(folder, config);
  const peer = fileURLToPath(new URL('src/convolutions/pytorch.py', import.meta.url));
  const programs: Record<Name, Program> = {
    ours: { command: process.execPath, args: [script, folder] },
    pytorch: {
      command: process.env.PYTHON ?? 'python3',
      args: [peer, folder, process.env.OMP_NUM_THREADS ?? String(machine.cores)],
    },
  };
  const contenders = await Contender.startAll<WorkResult, Name>(programs, ['ours', ...options.peers] as Name[]);
  const turns = (times: number) =>
    Object.fromEntries(Object.entries(contenders).map(([own, contender]) => [own, { contender, times }]));
  const warmUp = await alternate<WorkResult, Name>(turns(2), 1);
  const rounds = await alternate<WorkResult, Name>(turns(config.times), options.rounds);
  const ours = await figures(contenders.ours!, rounds.ours!);
  const pytorch = contenders.pytorch ? await figures(contenders.pytorch, rounds.pytorch!) : null;
  const all = (own: Name) => [...warmUp[own]!, ...rounds[own]!];
  return {
    ours,
    pytorch,
    timeRatio: ratio(ours, pytorch, 'ms'),
    cpuRatio: ratio(ours, pytorch, 'cpuMs'),
    memoryRatio: ratio(ours, pytorch, 'peakRssBytes'),
    difference: pytorch && differenceOf(all('ours'), all('pytorch')),
    ...(pytorch === null && options.peers.length > 0 && { missing: { pytorch: `not installed: ${installPyTorch}` } }),
  };
}

async function figures(contender: Contender<WorkResult>, rounds: readonly WorkResult[]) {
  return {
    ms: median(rounds.map(({ ms }) => median(ms))),
    cpuMs: median(rounds.map(({ cpuMs }) => median(cpuMs))),
    peakRssBytes: await contender.finish(),
  };
}

/** The largest between values, and between norms in proportion, of the same step. */
function differenceOf(ours: readonly WorkResult[], theirs: readonly WorkResult[]): number {
  const pairs = (figure: 'values' | 'norms') => {
    const other = theirs.flatMap((result) => result[figure]);
    return ours.flatMap((result) => result[figure]).map((own, step) => [own, other[step]!] as const);
  };
  return Math.max(
    ...pairs('values').map(([own, other]) => Math.abs(own - other)),
    ...pairs('norms').map(([own, other]) => Math.abs(own - other) / Math.max(other, 1e-9)),
  );
}

function describe(name: string, { ours, pytorch, timeRatio, cpuRatio, missing }: (typeof results)[string]): string {
  const sides = Object.entries({ ours, pytorch }).map(([own, side]) => {
    if (side === null) return `${own} ${missing?.pytorch ?? 'not asked for'}`;
    return `${own} ${inWords(side)}, ${side.cpuMs.toFixed(0)} ms of CPU`;
  });
  const comparison =
    timeRatio === null ? [] : [`${timeRatio.toFixed(2)} × PyTorch's time, ${cpuRatio!.toFixed(2)} × its CPU time`];
  return `${name}: ${[...sides, ...comparison].join('; ')}`;
}
