// Time and memory of one call of a text encoder: compiled on our backend, and the same weights exported to ONNX in plain
// onnxruntime-node and in transformers.js, in alternating rounds:
//
//   pnpm bench:inference [--configs 6x384-1x128] [--peers onnxruntime,transformersJs] [--rounds 3]
//
// In every round every contender starts cold, so that the time to its first result is measured as well. Where outputs
// differ by more than 1e-4, the bench fails. The last line is JSON.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './src/bundle';
import { Contender, type Program } from './src/contender';
import { type Figures, inWords, ratio } from './src/figures';
import { configs } from './src/inference/configs';
import type { CallsResult } from './src/inference/serve-inference';
import { writeInputs, writeModel } from './src/inference/write-workload';
import { describeMachine } from './src/machine';
import { median } from './src/median';
import { parseBenchOptions } from './src/options';
import { temporaryFolder } from './src/temporary-folder';

type Name = 'ours' | 'onnxruntime' | 'transformersJs';

/** Figures of a round, with the time from the start of the process to its first result. */
interface InferenceFigures extends Figures {
  readonly firstResultMs: number;
}

const largestDifference = 1e-4;
const transformersFolder = fileURLToPath(new URL('.cache', import.meta.url));
const installTransformers =
  'npm install --ignore-scripts --prefix tools/bench/.cache @huggingface/transformers@4.3.1, in the root of the repository';

const options = parseBenchOptions({
  configs: Object.keys(configs),
  peers: ['onnxruntime', 'transformersJs'] as const,
  rounds: 3,
});
const machine = describeMachine();
const scripts: Record<Name, string> = {
  ours: await bundle(new URL('src/inference/compiled.ts', import.meta.url), 'compiled'),
  onnxruntime: await bundle(new URL('src/inference/onnxruntime.ts', import.meta.url), 'onnxruntime'),
  transformersJs: await bundle(new URL('src/inference/transformers-js.ts', import.meta.url), 'transformers-js'),
};
const workloads = temporaryFolder();
const results: Record<string, Awaited<ReturnType<typeof measure>>> = {};
for (const name of options.configs) {
  results[name] = await measure(name);
  console.log(describe(name, results[name]));
}
console.log(JSON.stringify({ bench: 'inference', machine, configs: results }));
for (const [name, { maxDifference }] of Object.entries(results)) {
  if (maxDifference === null || maxDifference <= largestDifference) continue;
  console.error(`${name}: outputs differ by ${maxDifference}, so the work is not the same.`);
  process.exitCode = 1;
}

async function measure(name: string) {
  const folder = join(workloads, name);
  await writeModel(folder, configs[name]!.model);
  writeInputs(folder, configs[name]!);
  const rounds: Partial<Record<Name, InferenceFigures[]>> = {};
  const outputs: Partial<Record<Name, string>> = {};
  for (let round = 0; round < options.rounds; round++) {
    for (const own of ['ours', ...options.peers] as Name[]) {
      const measured = await measureRound(name, folder, own);
      if (measured === null) continue;
      rounds[own] = [...(rounds[own] ?? []), measured.figures];
      outputs[own] = measured.output;
    }
  }
  const ours = medians(rounds.ours!);
  const onnxruntime = rounds.onnxruntime ? medians(rounds.onnxruntime) : null;
  const transformersJs = rounds.transformersJs ? medians(rounds.transformersJs) : null;
  return {
    ours,
    onnxruntime,
    transformersJs,
    timeRatio: ratio(ours, onnxruntime, 'ms'),
    firstResultRatio: ratio(ours, onnxruntime, 'firstResultMs'),
    memoryRatio: ratio(ours, onnxruntime, 'peakRssBytes'),
    toTransformersJs: transformersJs && {
      timeRatio: ratio(ours, transformersJs, 'ms'),
      firstResultRatio: ratio(ours, transformersJs, 'firstResultMs'),
      memoryRatio: ratio(ours, transformersJs, 'peakRssBytes'),
    },
    maxDifference: difference(outputs),
    ...(options.peers.includes('transformersJs') &&
      transformersJs === null && { missing: { transformersJs: `not installed: ${installTransformers}` } }),
  };
}

/** Starts a contender, lets it work and ends it; null if it is not installed. */
async function measureRound(name: string, folder: string, own: Name) {
  const { warmUpCalls, callsPerRound } = configs[name]!;
  const program: Program = { command: process.execPath, args: [scripts[own], folder, transformersFolder] };
  const contender = await Contender.start<CallsResult>(program);
  if (contender === null) return null;
  await contender.run(warmUpCalls);
  const { ms, output } = await contender.run(callsPerRound);
  const figures: InferenceFigures = {
    ms: median(ms),
    firstResultMs: contender.startMs,
    peakRssBytes: await contender.finish(),
  };
  return { figures, output };
}

function medians(rounds: readonly InferenceFigures[]): InferenceFigures {
  const of = (figure: keyof InferenceFigures) => median(rounds.map((round) => round[figure]));
  return { ms: of('ms'), firstResultMs: of('firstResultMs'), peakRssBytes: of('peakRssBytes') };
}

/** The largest between our output and a peer's; null without a peer. */
function difference({ ours, ...peers }: Partial<Record<Name, string>>): number | null {
  const read = (file: string) => {
    const bytes = readFileSync(file);
    return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  };
  const expected = read(ours!);
  let largest: number | null = null;
  for (const file of Object.values(peers)) {
    const values = read(file);
    if (values.length !== expected.length) return Number.POSITIVE_INFINITY;
    values.forEach((value, i) => {
      largest = Math.max(largest ?? 0, Math.abs(value - expected[i]!));
    });
  }
  return largest;
}

function describe(
  name: string,
  { ours, onnxruntime, transformersJs, maxDifference, missing }: (typeof results)[string],
) {
  const peers = Object.entries({ onnxruntime, transformersJs }).map(([peer, figures]) => {
    return `${peer} ${figures ? words(figures) : (missing?.transformersJs ?? 'not asked for')}`;
  });
  return `${name}: ours ${words(ours)}; ${peers.join('; ')}; outputs ${maxDifference} apart`;
}

function words(figures: InferenceFigures): string {
  return `${inWords(figures)}, first result after ${(figures.firstResultMs / 1000).toFixed(2)} s`;
}
