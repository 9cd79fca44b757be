// Time and memory of Whisper, from files to texts: ours beside PyTorch's `generate` and the pipeline of transformers.js on the same weights as ONNX, in
// turns: short recordings one by one, a long one, and a batch of mixed lengths.
//
//   WHISPER=<folder, such as that of tiny.en> PYTHON=<a python with torch, transformers, onnx> pnpm bench:whisper
//     [--cases short,long,mixed] [--peers pytorch,transformersJs] [--rounds 3] [--quick]
//
// LIBRIVOX=<folder with a transcription> and SPOKEN_DIGITS=<folder> name real recordings; without them a synthesiser speaks. Where texts of short
// recordings differ from PyTorch's, the bench fails. The last line is JSON.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alternate, type Turn } from './src/alternate';
import { bundle } from './src/bundle';
import { Contender, type Program } from './src/contender';
import { describeMachine } from './src/machine';
import { median } from './src/median';
import { parseBenchOptions } from './src/options';
import { temporaryFolder } from './src/temporary-folder';
import { installTransformers, transformersFolder } from './src/transformers-js-package';
import { completeFolder } from './src/whisper/model-folder';
import { heardWhereNamed } from './src/whisper/recordings';
import type { WhisperResult } from './src/whisper/workload';
import { writeWorkload } from './src/whisper/write-workload';

type Name = 'ours' | Peer;
type Peer = 'pytorch' | 'transformersJs';

interface WhisperFigures {
  readonly ms: number;
  readonly cpuMs: number;
  readonly peakRssBytes: number;
  readonly texts: readonly string[];
}

const install: Record<Peer, string> = {
  pytorch: 'pip install torch transformers, then name that Python: PYTHON=… pnpm bench:whisper',
  transformersJs: `${installTransformers}; its ONNX files take a Python with torch, transformers and onnx`,
};
const options = parseBenchOptions(
  { configs: ['short', 'long', 'mixed'], peers: ['pytorch', 'transformersJs'] as const, rounds: 3, quick: false },
  'cases',
);
const from = process.env.WHISPER;
if (from === undefined) throw new RangeError('WHISPER names the folder of a Whisper in the layout of Hugging Face.');
const machine = describeMachine();
const threads = process.env.OMP_NUM_THREADS ?? String(machine.cores);
const python = process.env.PYTHON ?? 'python3';
const folder = temporaryFolder();
const model = join(folder, 'model');
mkdirSync(model);
completeFolder(from, model);
if (options.peers.includes('transformersJs')) exportOnnx();
const { cases } = writeWorkload(folder, model, await heardWhereNamed(12), options.quick === true);

const ours = await bundle(new URL('src/whisper/ours.ts', import.meta.url), 'whisper-ours');
const transformersJs = await bundle(
  new URL('src/whisper/transformers-js.ts', import.meta.url),
  'whisper-transformers-js',
);
const results: Record<string, Awaited<ReturnType<typeof measure>>> = {};
for (const name of options.configs) {
  results[name] = await measure(name);
  console.log(`${name}: ${inWords(results[name])}`);
}
console.log(JSON.stringify({ bench: 'whisper', machine: { ...machine, threads: Number(threads) }, cases: results }));

async function measure(name: string) {
  const programs: Record<Name, Program> = {
    ours: { command: process.execPath, args: [ours, folder, name] },
    pytorch: {
      command: python,
      args: [fileURLToPath(new URL('src/whisper/pytorch.py', import.meta.url)), folder, name, threads],
    },
    transformersJs: { command: process.execPath, args: [transformersJs, folder, name, transformersFolder] },
  };
  const contenders = await Contender.startAll<WhisperResult[], Name>(programs, ['ours', ...options.peers]);
  const turns = Object.entries(contenders).map(([own, contender]): [string, Turn<WhisperResult[]>] => [
    own,
    { contender, times: 1 },
  ]);
  const made = await alternate<WhisperResult[], Name>(Object.fromEntries(turns), options.quick ? 1 : options.rounds);
  const figures: Partial<Record<Name, WhisperFigures>> = {};
  for (const [own, contender] of Object.entries(contenders) as [Name, Contender<WhisperResult[]>][]) {
    const runs = made[own]!.flat();
    figures[own] = {
      ms: median(runs.map(({ ms }) => ms)),
      cpuMs: median(runs.map(({ cpuMs }) => cpuMs)),
      peakRssBytes: await contender.finish(),
      texts: runs.at(-1)!.texts,
    };
  }
  const same = sharesOfSame(figures);
  if (name === 'short' && same.pytorch !== undefined && same.pytorch < 1) {
    console.error(`${name}: PyTorch writes other texts, so the work is not the same.`);
    process.exitCode = 1;
  }
  const missing = options.peers.filter((peer) => figures[peer] === undefined);
  return {
    recordings: cases[name]!.files.length,
    ...Object.fromEntries((['ours', ...options.peers] as Name[]).map((own) => [own, withoutTexts(figures[own])])),
    sameTexts: same,
    ...Object.fromEntries(
      options.peers.map((peer) => [
        `to${peer[0]!.toUpperCase()}${peer.slice(1)}`,
        ratios(figures.ours!, figures[peer]),
      ]),
    ),
    ...(missing.length > 0 && {
      missing: Object.fromEntries(missing.map((peer) => [peer, `not installed: ${install[peer]}`])),
    }),
  } as Record<string, unknown>;
}

/** Of each peer, in how many of the recordings it writes what ours writes. */
function sharesOfSame(figures: Partial<Record<Name, WhisperFigures>>): Partial<Record<Peer, number>> {
  const own = figures.ours!.texts;
  return Object.fromEntries(
    options.peers.flatMap((peer) => {
      const theirs = figures[peer]?.texts;
      return theirs ? [[peer, own.filter((text, index) => text === theirs[index]).length / own.length]] : [];
    }),
  );
}

function withoutTexts(figures: WhisperFigures | undefined) {
  return figures ? { ms: figures.ms, cpuMs: figures.cpuMs, peakRssBytes: figures.peakRssBytes } : null;
}

/** Ours ÷ the peer's. */
function ratios(own: WhisperFigures, peer: WhisperFigures | undefined) {
  if (peer === undefined) return null;
  return {
    timeRatio: own.ms / peer.ms,
    cpuRatio: own.cpuMs / peer.cpuMs,
    memoryRatio: own.peakRssBytes / peer.peakRssBytes,
  };
}

function inWords(result: Record<string, unknown>): string {
  const sides = (['ours', ...options.peers] as Name[]).map((own) => {
    const figures = result[own] as ReturnType<typeof withoutTexts>;
    if (figures === null)
      return `${own} ${(result.missing as Record<string, string> | undefined)?.[own] ?? 'not asked for'}`;
    const { ms, cpuMs, peakRssBytes } = figures;
    return `${own} ${(ms / 1000).toFixed(2)} s (${(cpuMs / 1000).toFixed(2)} s of processors), ${(peakRssBytes / 2 ** 20).toFixed(0)} MiB`;
  });
  return `${sides.join('; ')}; same texts ${JSON.stringify(result.sameTexts)}`;
}

function exportOnnx(): void {
  const script = fileURLToPath(new URL('src/whisper/export_onnx.py', import.meta.url));
  const output = execFileSync(python, [script, model], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const answer = JSON.parse(output.trimEnd().split('\n').at(-1)!) as { readonly missing?: string };
  if (answer.missing !== undefined)
    throw new Error(`The ONNX files are written by Python: ${answer.missing}. ${install.transformersJs}`);
}
