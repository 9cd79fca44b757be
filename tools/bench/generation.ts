// Tokens a second and memory of a language model in float32, beside PyTorch's `generate` and transformers.js, what a cache of prefixes saves between the
// turns of a conversation, and how many constrained answers parse:
//
//   MODEL=<folder of a chat model, such as SmolLM2-135M-Instruct> PYTHON=<a python with torch, transformers> pnpm bench:generation
//     [--configs cache-1000,batch-8,turns,json] [--peers pytorch,transformers-js] [--rounds 3] [--quick]
//
// transformers.js needs the model as ONNX: ONNX names the folder that `export_onnx.py` beside the contenders writes. Where greedy tokens differ
// early on, or an answer does not parse, the bench fails. The last line is JSON.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type GenerationFigures, type GenerationWorkload, type TurnFigures, workload } from './src/generation/workload';
import { describeMachine } from './src/machine';
import { median } from './src/median';
import { parseBenchOptions } from './src/options';
import { installTransformers } from './src/transformers-js-package';

const lengths: Record<string, readonly number[]> = { 'cache-1000': [968], 'batch-8': [12, 40, 7, 63, 25, 18, 51, 33] };
const newTokens: Record<string, number> = { 'cache-1000': 64, 'batch-8': 48 };
const options = parseBenchOptions({
  configs: [...Object.keys(lengths), 'turns', 'json'],
  peers: ['pytorch', 'transformers-js'],
  rounds: 3,
  quick: false,
});
const folder = process.env.MODEL;
if (folder === undefined)
  throw new RangeError('MODEL names the folder of a language model in the layout of Hugging Face.');
const machine = describeMachine();
const exported = process.env.ONNX;
if (options.peers.includes('transformers-js') && exported === undefined) {
  console.error(
    'transformers.js is left out: ONNX names the folder that src/generation/export_onnx.py writes (a python with torch, ' +
      `transformers and onnx), and transformers.js is installed by ${installTransformers}.`,
  );
}
const results: Record<string, unknown> = {};

for (const name of options.configs) {
  if (name === 'json') results[name] = constrained(folder);
  else if (name === 'turns') results[name] = conversation(folder);
  else results[name] = contest(name, folder);
}
console.log(JSON.stringify({ bench: 'generation', machine, results }));

function contest(name: string, model: string): object {
  const given = workload(lengths[name]!, options.quick ? 16 : newTokens[name]!, 40_000);
  const contenders = contendersOf(model);
  const told = contenders.map(([own]): [string, GenerationFigures[]] => [own, []]);
  for (let round = 0; round < (options.quick ? 1 : options.rounds); round++) {
    for (const [index, [, start]] of contenders.entries()) told[index]![1].push(start(given));
  }
  const [[, ours], ...others] = told.map(([own, runs]) => [own, together(runs)] as const) as [
    readonly [string, GenerationFigures],
    ...(readonly [string, GenerationFigures])[],
  ];
  console.log(
    `${name}: ${[['ours', ours] as const, ...others].map(([own, figures]) => inWords(own, figures)).join('; ')}`,
  );
  for (const [own, theirs] of others) {
    const ratio = (part: 'tokensPerSecond' | 'tokensPerCpuSecond') => (ours[part] / theirs[part]).toFixed(2);
    const first = (part: 'firstTokenSeconds' | 'firstTokenCpuSeconds') => (theirs[part] / ours[part]).toFixed(2);
    console.log(
      `${name}: ${ratio('tokensPerSecond')} × as fast as ${own}, the first token ${first('firstTokenSeconds')} ×; ` +
        `by the processors' time ${ratio('tokensPerCpuSecond')} × and ${first('firstTokenCpuSeconds')} ×`,
    );
    if (ours.ids.every((row, index) => row.slice(0, 8).join() === theirs.ids[index]!.slice(0, 8).join())) continue;
    console.error(`${name}: the first tokens differ from those of ${own}, so the work is not the same.`);
    process.exitCode = 1;
  }
  return Object.fromEntries(
    [['ours', ours] as const, ...others].map(([own, figures]) => [own, { ...figures, ids: undefined }]),
  );
}

/** Who takes part, and what starts each in a process of its own, for one run behind one that compiles. */
function contendersOf(model: string): [string, (given: GenerationWorkload) => GenerationFigures][] {
  const started =
    (program: URL, path: string, ...more: string[]) =>
    (given: GenerationWorkload) =>
      run<GenerationFigures>(program, [path, JSON.stringify(given), '1', ...more]);
  const threads = String(Number(process.env.OMP_NUM_THREADS) || machine.cores);
  const all: [string, ((given: GenerationWorkload) => GenerationFigures) | undefined][] = [
    ['ours', started(new URL('src/generation/ours.ts', import.meta.url), model)],
    [
      'pytorch',
      options.peers.includes('pytorch')
        ? started(new URL('src/generation/pytorch.py', import.meta.url), model, threads)
        : undefined,
    ],
    [
      'transformers-js',
      options.peers.includes('transformers-js') && exported
        ? started(new URL('src/generation/transformers-js.ts', import.meta.url), exported, threads)
        : undefined,
    ],
  ];
  return all.flatMap(([name, start]) => (start ? [[name, start]] : []));
}

function together(runs: readonly GenerationFigures[]): GenerationFigures {
  return {
    tokensPerSecond: median(runs.map((own) => own.tokensPerSecond)),
    firstTokenSeconds: median(runs.map((own) => own.firstTokenSeconds)),
    tokensPerCpuSecond: median(runs.map((own) => own.tokensPerCpuSecond)),
    firstTokenCpuSeconds: median(runs.map((own) => own.firstTokenCpuSeconds)),
    peakRssBytes: Math.max(...runs.map((own) => own.peakRssBytes)),
    ids: runs[0]!.ids,
  };
}

function conversation(model: string): TurnFigures {
  const figures = run<TurnFigures>(new URL('src/generation/turns.ts', import.meta.url), [
    model,
    options.quick ? '2' : '5',
  ]);
  const seconds = (own: readonly number[]) => own.map((one) => one.toFixed(2)).join(', ');
  console.log(
    `turns: the first piece of each answer after ${seconds(figures.whole)} s, with a cache of prefixes after ${seconds(figures.behind)} s ` +
      `(${figures.reused} of ${figures.tokens} tokens known, ${(figures.bytes / 2 ** 20).toFixed(0)} MiB)`,
  );
  if (!figures.same) {
    console.error('turns: the answers differ.');
    process.exitCode = 1;
  }
  return figures;
}

function constrained(model: string): object {
  const answers = run<{ answers: number; parsed: number; cut: number; tokensPerSecond: number }>(
    new URL('src/generation/json-answers.ts', import.meta.url),
    [model, options.quick ? '40' : '1000'],
  );
  const { parsed, cut, answers: all, tokensPerSecond } = answers;
  console.log(
    `json: ${parsed} of ${all} answers parse and fit, ${cut} had too few tokens; ${tokensPerSecond.toFixed(1)} tokens/s`,
  );
  if (parsed + cut < all) process.exitCode = 1;
  return answers;
}

function inWords(name: string, figures: GenerationFigures): string {
  const { tokensPerSecond, firstTokenSeconds, tokensPerCpuSecond, firstTokenCpuSeconds, peakRssBytes } = figures;
  const memory = `${(peakRssBytes / 2 ** 20).toFixed(0)} MiB`;
  return (
    `${name} ${tokensPerSecond.toFixed(1)} tokens/s, the first after ${firstTokenSeconds.toFixed(2)} s ` +
    `(of the processors ${tokensPerCpuSecond.toFixed(1)} and ${firstTokenCpuSeconds.toFixed(2)} s), ${memory}`
  );
}

/** What a program of this bench prints, each in a process of its own. */
function run<Result>(program: URL, args: readonly string[]): Result {
  const path = fileURLToPath(program);
  const isPython = path.endsWith('.py');
  const command = isPython ? (process.env.PYTHON ?? 'python3') : process.execPath;
  const before = isPython ? [] : ['--conditions=@polymodal/source', '--import', 'tsx'];
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const output = execFileSync(command, [...before, path, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  return JSON.parse(output.toString().trim().split('\n').at(-1)!) as Result;
}
