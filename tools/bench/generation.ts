// Tokens a second and memory of a language model in float32, beside PyTorch's `generate`, and how many constrained answers parse:
//
//   MODEL=<folder of a chat model, such as SmolLM2-135M-Instruct> PYTHON=<a python with torch, transformers> pnpm bench:generation
//     [--configs cache-1000,batch-8,json] [--rounds 3] [--quick]
//
// Where greedy tokens differ early on, or an answer does not parse, the bench fails. The last line is JSON.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type GenerationFigures, workload } from './src/generation/workload';
import { describeMachine } from './src/machine';
import { parseBenchOptions } from './src/options';

const lengths: Record<string, readonly number[]> = { 'cache-1000': [968], 'batch-8': [12, 40, 7, 63, 25, 18, 51, 33] };
const newTokens: Record<string, number> = { 'cache-1000': 64, 'batch-8': 48 };
const options = parseBenchOptions({
  configs: [...Object.keys(lengths), 'json'],
  peers: ['pytorch'],
  rounds: 3,
  quick: false,
});
const folder = process.env.MODEL;
if (folder === undefined)
  throw new RangeError('MODEL names the folder of a language model in the layout of Hugging Face.');
const machine = describeMachine();
const results: Record<string, unknown> = {};

for (const name of options.configs) {
  if (name === 'json') {
    const answers = run<{ answers: number; parsed: number; cut: number; tokensPerSecond: number }>(
      new URL('src/generation/json-answers.ts', import.meta.url),
      [folder, options.quick ? '40' : '1000'],
    );
    const { parsed, cut, answers: all, tokensPerSecond } = answers;
    console.log(
      `json: ${parsed} of ${all} answers parse and fit, ${cut} had too few tokens; ${tokensPerSecond.toFixed(1)} tokens/s`,
    );
    if (parsed + cut < all) process.exitCode = 1;
    results[name] = answers;
    continue;
  }
  const given = JSON.stringify(workload(lengths[name]!, options.quick ? 16 : newTokens[name]!, 40_000));
  const rounds = String(options.quick ? 1 : options.rounds);
  const ours = run<GenerationFigures>(new URL('src/generation/ours.ts', import.meta.url), [folder, given, rounds]);
  const theirs = options.peers.includes('pytorch')
    ? run<GenerationFigures>(new URL('src/generation/pytorch.py', import.meta.url), [
        folder,
        given,
        rounds,
        String(Number(process.env.OMP_NUM_THREADS) || machine.cores),
      ])
    : undefined;
  const same =
    theirs && ours.ids.every((row, index) => row.slice(0, 8).join() === theirs.ids[index]!.slice(0, 8).join());
  const told = Object.entries({ ours, pytorch: theirs }).flatMap(([own, figures]) =>
    figures ? [inWords(own, figures)] : [],
  );
  const ratio = theirs ? ` (${(ours.tokensPerSecond / theirs.tokensPerSecond).toFixed(2)} × as fast)` : '';
  console.log(`${name}: ${told.join('; ')}${ratio}`);
  if (same === false) {
    console.error(`${name}: the first tokens differ, so the work is not the same.`);
    process.exitCode = 1;
  }
  results[name] = { ours: { ...ours, ids: undefined }, pytorch: theirs && { ...theirs, ids: undefined } };
}
console.log(JSON.stringify({ bench: 'generation', machine, results }));

function inWords(name: string, { tokensPerSecond, firstTokenSeconds, peakRssBytes }: GenerationFigures): string {
  const memory = `${(peakRssBytes / 2 ** 20).toFixed(0)} MiB`;
  return `${name} ${tokensPerSecond.toFixed(1)} tokens/s, the first after ${firstTokenSeconds.toFixed(2)} s, ${memory}`;
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
