// Time and memory of one call of a text encoder: compiled on our backend, and the same weights exported to ONNX in plain
// onnxruntime-node and in transformers.js, in alternating rounds:
//
//   pnpm bench:inference [--configs 6x384-1x128] [--peers onnxruntime,transformersJs] [--rounds 3]
//
// and of whole calls of `model.predict`, against the same processors and the exported model in onnxruntime-node:
//
//   pnpm bench:inference --configs predict-1,predict-256,predict-256-mixed,predict-256-missing,new-lengths
//
// In every round every contender starts cold, so that the time to its first result is measured as well. Where outputs
// differ by more than 1e-4, the bench fails. The last line is JSON.
import { join } from 'node:path';
import { bundle } from './src/bundle';
import { type ColdFigures, coldInWords, measureCold } from './src/calls/measure-cold';
import { outputDifference } from './src/calls/output-difference';
import type { Program } from './src/contender';
import { ratio } from './src/figures';
import { configs } from './src/inference/configs';
import { writeInputs, writeModel } from './src/inference/write-workload';
import { describeMachine } from './src/machine';
import { parseBenchOptions } from './src/options';
import { predictCases } from './src/predict/cases';
import { measureNewLengths, measurePredict } from './src/predict/measure-predict';
import { temporaryFolder } from './src/temporary-folder';
import { installTransformers, transformersFolder } from './src/transformers-js-package';

type Name = 'ours' | 'onnxruntime' | 'transformersJs';

const largestDifference = 1e-4;

const options = parseBenchOptions({
  configs: [...Object.keys(configs), ...Object.keys(predictCases), 'new-lengths'],
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
const results: Record<string, object & { readonly maxDifference?: number | null }> = {};
for (const name of options.configs) {
  if (name in configs) {
    const measured = await measure(name);
    results[name] = measured;
    console.log(describe(name, measured));
  } else if (name in predictCases) {
    const measured = await measurePredict(name, join(workloads, name), options.rounds);
    results[name] = measured;
    console.log(describePredict(name, measured));
  } else {
    results[name] = await measureNewLengths(options.rounds);
    console.log(name, JSON.stringify(results[name]));
  }
}
console.log(JSON.stringify({ bench: 'inference', machine, configs: results }));
for (const [name, { maxDifference = null }] of Object.entries(results)) {
  if (maxDifference === null || maxDifference <= largestDifference) continue;
  console.error(`${name}: outputs differ by ${maxDifference}, so the work is not the same.`);
  process.exitCode = 1;
}

async function measure(name: string) {
  const folder = join(workloads, name);
  await writeModel(folder, configs[name]!.model);
  writeInputs(folder, configs[name]!);
  const programOf = (own: Name): Program => ({
    command: process.execPath,
    args: [scripts[own], folder, transformersFolder],
  });
  const names: readonly Name[] = ['ours', ...options.peers];
  const programs = Object.fromEntries(names.map((own) => [own, programOf(own)])) as Partial<Record<Name, Program>>;
  const { ours: own, ...peers } = await measureCold(programs, configs[name]!, options.rounds);
  const ours = own!.figures;
  const onnxruntime = peers.onnxruntime?.figures ?? null;
  const transformersJs = peers.transformersJs?.figures ?? null;
  return {
    ours,
    onnxruntime,
    transformersJs,
    timeRatio: ratio(ours, onnxruntime, 'ms'),
    firstResultRatio: ratio(ours, onnxruntime, 'firstResultMs'),
    memoryRatio: ratio(ours, onnxruntime, 'peakRssBytes'),
    toTransformersJs: transformersJs && ratios(ours, transformersJs),
    maxDifference: outputDifference(
      own!.output,
      Object.values(peers).map(({ output }) => output),
    ),
    ...(options.peers.includes('transformersJs') &&
      transformersJs === null && { missing: { transformersJs: `not installed: ${installTransformers}` } }),
  };
}

function ratios(ours: ColdFigures, peer: ColdFigures) {
  return {
    timeRatio: ratio(ours, peer, 'ms'),
    firstResultRatio: ratio(ours, peer, 'firstResultMs'),
    memoryRatio: ratio(ours, peer, 'peakRssBytes'),
  };
}

function describe(
  name: string,
  { ours, onnxruntime, transformersJs, maxDifference, missing }: Awaited<ReturnType<typeof measure>>,
) {
  const peers = Object.entries({ onnxruntime, transformersJs }).map(([peer, figures]) => {
    return `${peer} ${figures ? coldInWords(figures) : (missing?.transformersJs ?? 'not asked for')}`;
  });
  return `${name}: ours ${coldInWords(ours)}; ${peers.join('; ')}; outputs ${maxDifference} apart`;
}

function describePredict(name: string, measured: Awaited<ReturnType<typeof measurePredict>>) {
  const { ours, onnxruntime, timeRatio, maxDifference } = measured;
  const ratio = `${timeRatio!.toFixed(2)} × its time`;
  return `${name}: ours ${coldInWords(ours)}; onnxruntime ${coldInWords(onnxruntime)}; ${ratio}; outputs ${maxDifference} apart`;
}
