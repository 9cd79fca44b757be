// Time and memory of models in their published sizes: loaded from a folder in Hugging Face layout and compiled on our backend,
// the same weights exported to ONNX in transformers.js, and in PyTorch, in alternating rounds:
//
//   pnpm bench:pretrained [--cases bert-1x128] [--peers transformersJs,pytorch] [--rounds 3]      PYTHON=<a python with transformers>
//
// In every round every contender starts cold, so that the time to its first result is measured as well. Where outputs
// differ by more than 1e-3, the bench fails. The last line is JSON.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './src/bundle';
import { type ColdFigures, type ColdRounds, coldInWords, measureCold } from './src/calls/measure-cold';
import { outputDifference } from './src/calls/output-difference';
import type { Program } from './src/contender';
import { ratio } from './src/figures';
import { describeMachine } from './src/machine';
import { parseBenchOptions } from './src/options';
import { cases, type PretrainedCase } from './src/pretrained/cases';
import { installPython, writeWorkload } from './src/pretrained/write-workload';
import { temporaryFolder } from './src/temporary-folder';
import { installTransformers, transformersFolder } from './src/transformers-js-package';

type Name = 'ours' | Peer;
type Peer = 'transformersJs' | 'pytorch';

const largestDifference = 1e-3;
const install: Record<Peer, string> = { transformersJs: installTransformers, pytorch: installPython };

const options = parseBenchOptions(
  { configs: Object.keys(cases), peers: ['transformersJs', 'pytorch'] as const, rounds: 3 },
  'cases',
);
const machine = describeMachine();
const python = process.env.PYTHON ?? 'python3';
const pytorch = fileURLToPath(new URL('src/pretrained/pytorch.py', import.meta.url));
const transformersJs = await bundle(
  new URL('src/pretrained/transformers-js.ts', import.meta.url),
  'pretrained-transformers-js',
);
const entries: Record<PretrainedCase['model'], URL> = {
  bert: new URL('src/pretrained/ours-bert.ts', import.meta.url),
  clip: new URL('src/pretrained/ours-clip.ts', import.meta.url),
  wav2vec2: new URL('src/pretrained/ours-wav2vec2.ts', import.meta.url),
  gpt2: new URL('src/pretrained/ours-gpt2.ts', import.meta.url),
};
const workloads = temporaryFolder();
const results: Record<string, Awaited<ReturnType<typeof measure>>> = {};
for (const name of options.configs) {
  results[name] = await measure(name, cases[name]!);
  console.log(describe(name, results[name]));
}
console.log(JSON.stringify({ bench: 'pretrained', machine, cases: results }));
for (const [name, { maxDifference }] of Object.entries(results)) {
  if (maxDifference === null || maxDifference <= largestDifference) continue;
  console.error(`${name}: outputs differ by ${maxDifference}, so the work is not the same.`);
  process.exitCode = 1;
}

async function measure(name: string, workload: PretrainedCase) {
  const folder = join(workloads, name);
  writeWorkload(folder, python, workload);
  const rounds = await measureCold(await programsOf(workload, folder), workload, options.rounds);
  const result = compare(rounds as Partial<Record<Name, ColdRounds>> & { ours: ColdRounds });
  rmSync(folder, { recursive: true }); // a gigabyte
  return result;
}

async function programsOf({ model }: PretrainedCase, folder: string): Promise<Partial<Record<Name, Program>>> {
  const ours = await bundle(entries[model], `pretrained-ours-${model}`);
  const peers: Record<Peer, Program> = {
    transformersJs: { command: process.execPath, args: [transformersJs, folder, transformersFolder, model] },
    pytorch: { command: python, args: [pytorch, folder, model, String(machine.cores)] },
  };
  return {
    ours: { command: process.execPath, args: [ours, folder] },
    ...Object.fromEntries(options.peers.map((peer) => [peer, peers[peer]])),
  };
}

function compare({ ours, ...peers }: Partial<Record<Peer, ColdRounds>> & { readonly ours: ColdRounds }) {
  const missing = options.peers.filter((peer) => peers[peer] === undefined);
  return {
    ours: ours.figures,
    transformersJs: peers.transformersJs?.figures ?? null,
    pytorch: peers.pytorch?.figures ?? null,
    toTransformersJs: ratios(ours.figures, peers.transformersJs?.figures),
    toPyTorch: ratios(ours.figures, peers.pytorch?.figures),
    maxDifference: outputDifference(
      ours.output,
      Object.values(peers).map(({ output }) => output),
    ),
    ...(missing.length > 0 && {
      missing: Object.fromEntries(missing.map((peer) => [peer, `not installed: ${install[peer]}`])),
    }),
  };
}

/** Ours ÷ the peer's; null without the peer. */
function ratios(ours: ColdFigures, peer: ColdFigures | undefined) {
  if (peer === undefined) return null;
  return {
    timeRatio: ratio(ours, peer, 'ms'),
    firstResultRatio: ratio(ours, peer, 'firstResultMs'),
    memoryRatio: ratio(ours, peer, 'peakRssBytes'),
  };
}

function describe(name: string, { ours, transformersJs, pytorch, maxDifference, missing }: (typeof results)[string]) {
  const peers = Object.entries({ transformersJs, pytorch }).map(([peer, figures]) => {
    return `${peer} ${figures ? coldInWords(figures) : (missing?.[peer] ?? 'not asked for')}`;
  });
  return `${name}: ours ${coldInWords(ours)}; ${peers.join('; ')}; outputs ${maxDifference} apart`;
}
