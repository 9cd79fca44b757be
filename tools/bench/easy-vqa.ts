// Time and memory of a frozen language model that learns to look at pictures (SmolLM2-135M on easy-VQA), as a hybrid and as Flamingo, with
// `train` on our backend and in PyTorch, pass by pass in turns:
//
//   EASY_VQA=<its folder data> LANGUAGE_MODEL=<a folder> PYTHON=<a python with torch, transformers> pnpm bench:easy-vqa
//     [--configs hybrid,flamingo] [--peers pytorch] [--rounds 3]
//
// How to get the folders: apps/examples/easy-vqa/README.md. Where losses before the first step differ, the bench fails: both begin with the
// same weights. The last line is JSON.
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Looking, pictureTower, readEasyVqa } from '@polymodal/example-easy-vqa';
import { alternate } from './src/alternate';
import { bundle } from './src/bundle';
import { Contender, type Program } from './src/contender';
import type { EpochResult } from './src/easy-vqa/epoch-result';
import { type BenchQuestion, writeWorkload } from './src/easy-vqa/workload';
import { type Figures, ratio } from './src/figures';
import { describeMachine } from './src/machine';
import { median } from './src/median';
import { parseBenchOptions } from './src/options';
import { temporaryFolder } from './src/temporary-folder';

type Name = 'ours' | 'pytorch';

const batchSize = 16;
const questions = 32;
const largestLossDifference = 1e-3;
const installPyTorch = 'pip install torch transformers, then name that Python: PYTHON=… pnpm bench:easy-vqa';

const options = parseBenchOptions({ configs: ['hybrid', 'flamingo'], peers: ['pytorch'], rounds: 3 });
const model = required('LANGUAGE_MODEL');
const data = await someQuestions(required('EASY_VQA'));
const machine = describeMachine();
const script = await bundle(new URL('src/easy-vqa/ours.ts', import.meta.url), 'easy-vqa');
const folder = temporaryFolder();
const results: Record<string, Awaited<ReturnType<typeof measure>>> = {};
for (const name of options.configs) {
  results[name] = await measure(name as Looking);
  console.log(describe(name, results[name]));
}
console.log(JSON.stringify({ bench: 'easy-vqa', machine, configs: results }));
for (const [name, { lossDifference }] of Object.entries(results)) {
  if (lossDifference === null || lossDifference <= largestLossDifference) continue;
  console.error(`${name}: before the first step the losses differ by ${lossDifference}.`);
  process.exitCode = 1;
}

function required(name: string): string {
  const place = process.env[name];
  if (place !== undefined) return resolve(place);
  throw new Error(`${name} has to name a folder. How to get it: apps/examples/easy-vqa/README.md`);
}

async function someQuestions(place: string): Promise<BenchQuestion[]> {
  const { train } = await readEasyVqa(place);
  return train.slice(0, questions).map(({ image, question, answer }) => {
    return { pixels: Buffer.from(image.data as Uint8Array).toString('base64'), question, answer };
  });
}

async function measure(looking: Looking) {
  const epochs = options.rounds + 1; // the first warms up
  const { mean, std } = pictureTower;
  const learning = { batchSize, learningRate: 1e-3, epochs: epochs + 1 };
  writeWorkload(folder, { looking, model, ...learning, mean, std, questions: data });
  const contenders = await start();
  const turns = Object.entries(contenders).map(([own, contender]) => [own, { contender, times: 1 }]);
  const passes = await alternate<EpochResult, Name>(Object.fromEntries(turns), epochs);
  const ours = await figures(contenders.ours!, passes.ours!);
  const pytorch = contenders.pytorch ? await figures(contenders.pytorch, passes.pytorch!) : null;
  return {
    ours,
    pytorch,
    timeRatio: ratio(ours, pytorch, 'ms'),
    memoryRatio: ratio(ours, pytorch, 'peakRssBytes'),
    lossDifference: pytorch && Math.abs(ours.firstLoss - pytorch.firstLoss),
    ...(pytorch === null && options.peers.length > 0 && { missing: { pytorch: `not installed: ${installPyTorch}` } }),
  };
}

async function start(): Promise<Partial<Record<Name, Contender<EpochResult>>>> {
  const peer = fileURLToPath(new URL('src/easy-vqa/pytorch.py', import.meta.url));
  const programs: Record<Name, Program> = {
    ours: { command: process.execPath, args: [script, folder] },
    pytorch: { command: process.env.PYTHON ?? 'python3', args: [peer, folder, String(machine.cores)] },
  };
  return Contender.startAll(programs, ['ours', ...options.peers] as Name[]);
}

async function figures(contender: Contender<EpochResult>, [first, ...passes]: readonly EpochResult[]) {
  const seconds = passes.map((pass) => pass.seconds);
  const typical = median(seconds);
  return {
    /** Of a pass over the questions. */
    ms: 1000 * typical,
    peakRssBytes: await contender.finish(),
    samplesPerSecond: questions / typical,
    cpuSecondsPerSample: median(passes.map((pass) => pass.cpuSeconds)) / questions,
    firstPass: { seconds: first!.seconds, compileSeconds: first!.compileSeconds },
    secondsOfPasses: seconds,
    firstLoss: first!.firstLoss,
  } satisfies Figures & Record<string, unknown>;
}

function describe(name: string, { ours, pytorch, missing }: (typeof results)[string]): string {
  const sides = Object.entries({ ours, pytorch }).map(([own, side]) => {
    if (side === null) return `${own} ${missing?.[own as 'pytorch'] ?? 'not asked for'}`;
    const { samplesPerSecond, cpuSecondsPerSample, peakRssBytes, firstPass, firstLoss } = side;
    return [
      `${own} ${samplesPerSecond.toFixed(2)} questions/s`,
      `${cpuSecondsPerSample.toFixed(3)} s of CPU for each`,
      `${(peakRssBytes / 2 ** 20).toFixed(0)} MiB`,
      `first pass ${firstPass.seconds.toFixed(0)} s, ${firstPass.compileSeconds.toFixed(0)} s of it compiling`,
      `loss at first ${firstLoss.toFixed(4)}`,
    ].join(', ');
  });
  return `${name}: ${sides.join('; ')}`;
}
