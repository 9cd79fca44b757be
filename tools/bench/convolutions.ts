// Time and memory of convolutional networks on our backend and in PyTorch, in alternating rounds: a step of training in which a question
// modulates convolutions (FiLM), and their encoder alone, forward and with gradients, of small pictures and of large ones:
//
//   pnpm bench:convolutions [--configs film-step,forward] [--peers pytorch] [--rounds 3]      PYTHON=<a python with torch>
//
// Both take as many threads as there are cores, or OMP_NUM_THREADS.
// All do the same work: where values or norms of gradients differ, the bench fails. The last line is JSON.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { besidePyTorch, describeSides } from './src/beside-pytorch';
import { configs } from './src/convolutions/configs';
import type { WorkResult } from './src/convolutions/work-result';
import { writeWorkload } from './src/convolutions/workload';
import { inWords, ratio } from './src/figures';
import { describeMachine } from './src/machine';
import { median } from './src/median';
import { parseBenchOptions } from './src/options';
import { temporaryFolder } from './src/temporary-folder';

/** Of a value, and of a norm in proportion to it: sums of thousands of terms in float32, in another order. */
const largestDifference = 2e-3;
/** Turns in which programs are compiled. */
const warmUps = 1;

const options = parseBenchOptions({ configs: Object.keys(configs), peers: ['pytorch'], rounds: 3 });
const machine = describeMachine();
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
  const { ours, pytorch, ...compared } = await besidePyTorch({
    work: 'convolutions',
    ours: new URL('src/convolutions/ours.ts', import.meta.url),
    pytorch: new URL('src/convolutions/pytorch.py', import.meta.url),
    folder,
    peers: options.peers,
    install: 'pip install torch safetensors numpy, then name that Python: PYTHON=… pnpm bench:convolutions',
    turns: [
      { times: 2, rounds: warmUps },
      { times: config.times, rounds: options.rounds },
    ],
    figures: (results: readonly WorkResult[], peakRssBytes) => {
      const rounds = results.slice(warmUps);
      const ms = median(rounds.map((own) => median(own.ms)));
      return { ms, cpuMs: median(rounds.map((own) => median(own.cpuMs))), peakRssBytes, results };
    },
  });
  const difference = pytorch && differenceOf(ours.results, pytorch.results);
  const cpuRatio = ratio(ours, pytorch, 'cpuMs');
  return { ours: figuresOf(ours), pytorch: pytorch && figuresOf(pytorch), ...compared, cpuRatio, difference };
}

/** Without what each step came to. */
function figuresOf<Side extends { readonly results: unknown }>({
  results: _,
  ...figures
}: Side): Omit<Side, 'results'> {
  return figures;
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

function describe(name: string, compared: (typeof results)[string]): string {
  const { timeRatio, cpuRatio } = compared;
  const sides = describeSides(compared, (side) => `${inWords(side)}, ${side.cpuMs.toFixed(0)} ms of CPU`);
  const ratios =
    timeRatio === null ? '' : `; ${timeRatio.toFixed(2)} × PyTorch's time, ${cpuRatio!.toFixed(2)} × its CPU time`;
  return `${name}: ${sides}${ratios}`;
}
