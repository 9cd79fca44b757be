// Samples per second of learning from a stream of which any modality may be missing and lengths are mixed, three towers of 6 × 384, a fusion
// and a head: `train` on our backend, with a budget of tokens for batches, and PyTorch in two ways, pass by pass in turns:
//
//   PYTHON=<a python with torch> pnpm bench:mixed-stream [--configs random-padded,length-sorted] [--peers pytorch] [--rounds 2] [--quick]
//
// Our first pass starts cold, and what it compiles counts. Where gradients of the same samples differ by more than 1e-3, the bench fails.
// The last line is JSON.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alternate } from './src/alternate';
import { bundle } from './src/bundle';
import { Contender, type Program } from './src/contender';
import { describeMachine } from './src/machine';
import { type Batching, batchings, learning, modalities, sizes } from './src/mixed-stream/configs';
import type { PassResult } from './src/mixed-stream/pass-result';
import { comparedSamples, writeStream } from './src/mixed-stream/workload';
import { parseBenchOptions } from './src/options';
import { temporaryFolder } from './src/temporary-folder';

type Name = 'ours' | Batching;

const largestGradientDifference = 1e-3;
const installPyTorch = 'pip install torch safetensors numpy, then name that Python: PYTHON=… pnpm bench:mixed-stream';

const options = parseBenchOptions({ configs: batchings, peers: ['pytorch'], rounds: 2, quick: false });
const samples = options.quick ? 64 : 384;
/** PyTorch's random batches are all alike, and slow: a part of each pass tells. */
const partOfRandom = options.quick ? 32 : 96;
const { rounds } = options;

const machine = describeMachine();
const script = await bundle(new URL('src/mixed-stream/ours.ts', import.meta.url), 'mixed-stream');
const folder = temporaryFolder();
writeStream(folder, samples);
writeFileSync(join(folder, 'workload.json'), JSON.stringify({ sizes, modalities, learning, comparedSamples }));

const contenders = await start();
const turns = Object.entries(contenders).map(([own, contender]) => [own, { contender, times: 1 }]);
const passes = await alternate<PassResult, Name>(Object.fromEntries(turns), rounds);
const ours = await figures('ours');
const configs: Record<string, Awaited<ReturnType<typeof compared>>> = {};
for (const batching of options.configs as Batching[]) {
  configs[batching] = await compared(batching);
  console.log(describe(batching, configs[batching]));
}
console.log(JSON.stringify({ bench: 'mixed-stream', machine, samples, rounds, configs }));
for (const [name, { gradientDifference }] of Object.entries(configs)) {
  if (gradientDifference === null || gradientDifference <= largestGradientDifference) continue;
  console.error(`${name}: gradients of the same samples differ by ${gradientDifference}, so the work is not the same.`);
  process.exitCode = 1;
}

function start(): Promise<Partial<Record<Name, Contender<PassResult>>>> {
  const peer = fileURLToPath(new URL('src/mixed-stream/pytorch.py', import.meta.url));
  const pytorch = (batching: Batching, most: number): Program => ({
    command: process.env.PYTHON ?? 'python3',
    args: [peer, folder, batching, String(most), String(machine.cores)],
  });
  const programs: Record<Name, Program> = {
    ours: { command: process.execPath, args: [script, folder, String(rounds)] },
    'random-padded': pytorch('random-padded', partOfRandom),
    'length-sorted': pytorch('length-sorted', samples),
  };
  const peers = options.peers.length > 0 ? (options.configs as Batching[]) : [];
  return Contender.startAll(programs, ['ours', ...peers]); // ours writes what the others begin with
}

async function figures(name: Name) {
  const own = passes[name]!;
  const sum = (figure: (pass: PassResult) => number) => own.reduce((total, pass) => total + figure(pass), 0);
  const [seen, seconds] = [sum((pass) => pass.samples), sum((pass) => pass.seconds)];
  return {
    /** Of all passes, with compilation. */
    samplesPerSecond: seen / seconds,
    samplesPerSecondOfPasses: own.map((pass) => pass.samples / pass.seconds),
    cpuSecondsPerSample: sum((pass) => pass.cpuSeconds) / seen,
    compileSecondsOfPasses: own.map((pass) => pass.compileSeconds),
    programs: sum((pass) => pass.programs),
    padding: sum((pass) => pass.padding) / own.length,
    peakRssBytes: await contenders[name]!.finish(),
  };
}

async function compared(batching: Batching) {
  const pytorch = contenders[batching] ? await figures(batching) : null;
  return {
    ours,
    pytorch,
    /** Of a sample: ours ÷ PyTorch's. */
    timeRatio: pytorch && pytorch.samplesPerSecond / ours.samplesPerSecond,
    /** The same of the last pass, before which all has been compiled. */
    warmTimeRatio: pytorch && pytorch.samplesPerSecondOfPasses.at(-1)! / ours.samplesPerSecondOfPasses.at(-1)!,
    memoryRatio: pytorch && ours.peakRssBytes / pytorch.peakRssBytes,
    gradientDifference: passes[batching]?.[0]?.gradientDifference ?? null,
    ...(pytorch === null && options.peers.length > 0 && { missing: { pytorch: `not installed: ${installPyTorch}` } }),
  };
}

function describe(
  name: string,
  { pytorch, timeRatio, warmTimeRatio, gradientDifference, missing }: (typeof configs)[string],
): string {
  const sides = Object.entries({ ours, pytorch }).map(([own, side]) => {
    if (side === null) return `${own} ${missing?.pytorch ?? 'not asked for'}`;
    const { samplesPerSecond, samplesPerSecondOfPasses, compileSecondsOfPasses, programs, padding, peakRssBytes } =
      side;
    return [
      `${own} ${samplesPerSecond.toFixed(1)} samples/s (pass by pass ${samplesPerSecondOfPasses.map((rate) => rate.toFixed(1)).join(', ')})`,
      ...(programs > 0
        ? [`${programs} programs compiled in ${compileSecondsOfPasses.map((s) => s.toFixed(0)).join(' + ')} s`]
        : []),
      `padding ${(100 * padding).toFixed(0)} %`,
      `${(peakRssBytes / 2 ** 20).toFixed(0)} MiB`,
    ].join(', ');
  });
  const comparison =
    timeRatio === null || warmTimeRatio === null
      ? []
      : [
          `${(1 / timeRatio).toFixed(2)} × as many, in the last pass ${(1 / warmTimeRatio).toFixed(2)} ×`,
          `gradients ${gradientDifference} apart`,
        ];
  return [`${name}: ${sides[0]}`, ...sides.slice(1), ...comparison].join('; ');
}
