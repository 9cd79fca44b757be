// Whether a Whisper writes here what transformers writes with it, token for token: more than a hundred recordings, greedily and among five beams,
// without times and with them, eight recordings at a time:
//
//   PYTHON=<a python with torch, transformers> npm run check:whisper -- <folder, such as that of tiny.en>
//     [--ways greedy,beams,greedy-times,beams-times] [--only read,digits,synthesised,noise,silence,tone,long]
//
// LIBRIVOX=<folder with a transcription> and SPOKEN_DIGITS=<folder> name real recordings; without them a synthesiser says all that is said. Python's
// side takes minutes; what it wrote stays in .cache, so that a check that was stopped goes on. Beside stand the word error rates. The last line is JSON;
// the exit code is 1 where ids differ.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { speechFamilies, type Transcription, transcribe } from '@polymodal/architectures/speech';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { loadPretrained } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { describeMachine } from './src/machine';
import { temporaryFolder } from './src/temporary-folder';
import { completeFolder } from './src/whisper/model-folder';
import { type Heard, heardWhereNamed, inSixteenBits, joined, otherSounds, sampleRate } from './src/whisper/recordings';
import { waveFile } from './src/whisper/wave-file';
import { WordErrors } from './src/whisper/word-errors';

interface Way {
  readonly name: string;
  readonly beams: number;
  readonly times: boolean;
}

const allWays: readonly Way[] = [1, 5].flatMap((beams) =>
  [false, true].map((times) => ({ name: `${beams > 1 ? 'beams' : 'greedy'}${times ? '-times' : ''}`, beams, times })),
);

/** Of a window: what is read out has fewer; of noise there would be no end to what is made up. */
const maxNewTokens = 48;

const { values, positionals } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: { ways: { type: 'string' }, only: { type: 'string' } },
  allowPositionals: true,
});
const [from, ...others] = positionals;
if (from === undefined || others.length > 0 || !existsSync(join(from, 'config.json'))) {
  console.error(
    'Name the folder of a Whisper in the layout of Hugging Face: npm run check:whisper -- models/whisper-tiny.en\n' +
      'It has config.json, model.safetensors, tokenizer.json and preprocessor_config.json. PYTHON names a Python with torch and transformers.',
  );
  process.exit(2);
}
const asked = values.ways?.split(',') ?? allWays.map(({ name }) => name);
const unknown = asked.find((own) => !allWays.some(({ name }) => name === own));
if (unknown !== undefined)
  throw new RangeError(`--ways takes ${allWays.map(({ name }) => name).join(', ')}, not ${unknown}`);
const ways = allWays.filter(({ name }) => asked.includes(name));

const folder = temporaryFolder();
const place = join(folder, 'model');
mkdirSync(place);
completeFolder(from, place);
const spoken = await heardWhereNamed(60);
const said = joined(
  spoken.slice(0, 24).map(({ samples }) => samples),
  0.4,
);
const long = [40, 62].map((seconds) => ({ name: `long-${seconds}`, samples: said.subarray(0, seconds * sampleRate) }));
const kinds = values.only?.split(',');
const heard: readonly Heard[] = [...spoken, ...otherSounds(), ...long].filter(
  ({ name }) => kinds === undefined || kinds.includes(kindOf(name)),
);
if (heard.length === 0) throw new RangeError(`--only takes kinds of recordings, not ${values.only}`);
const known = createHash('sha256')
  .update(`${maxNewTokens} `)
  .update(String(statSync(join(place, 'model.safetensors')).size));
const recordings = heard.map(({ name, samples }, index) => {
  const [file, bytes] = [join(folder, `${index}.wav`), waveFile(inSixteenBits(samples), sampleRate)];
  writeFileSync(file, bytes);
  known.update(bytes);
  return { name, file };
});
console.log(
  `${recordings.length} recordings of ${(heard.reduce((sum, { samples }) => sum + samples.length, 0) / sampleRate).toFixed(0)} s`,
);

const reference = referenceIds();
registerOnnxBackend();
await tf.setBackend('onnx');
const { model } = await loadPretrained(speechFamilies, place);
const results: Record<string, Awaited<ReturnType<typeof compare>>> = {};
for (const way of ways) results[way.name] = await compare(way);
console.log(
  JSON.stringify({ check: 'whisper', machine: describeMachine(), recordings: recordings.length, ways: results }),
);
if (Object.values(results).some(({ equal, compared }) => equal < compared)) process.exitCode = 1;

async function compare({ name: way, beams, times }: Way) {
  const longest = 30 * sampleRate;
  const rows = recordings.filter((_, index) => times || heard[index]!.samples.length <= longest);
  const options: Transcription = {
    batchSize: 8,
    maxNewTokens,
    timestamps: times,
    ...(beams > 1 && { numBeams: beams }),
  };
  const start = performance.now();
  const transcripts = await transcribe(
    model,
    rows.map(({ file }) => file),
    options,
  );
  const seconds = (performance.now() - start) / 1000;
  const [own, theirs] = [new WordErrors(), new WordErrors()];
  const different: string[] = [];
  rows.forEach(({ name }, row) => {
    const ids = transcripts[row]!.segments.flatMap((segment) => [...segment.ids]);
    const wanted = reference.get(`${way} ${name}`)!;
    if (ids.join() !== wanted.join()) different.push(name);
    const text = heard.find((one) => one.name === name)!.text;
    if (text === undefined) return;
    const kind = kindOf(name);
    own.add(kind, text, transcripts[row]!.text);
    theirs.add(kind, text, decoded(wanted));
  });
  const equal = rows.length - different.length;
  console.log(
    `${way}: ${equal} of ${rows.length} recordings to the token in ${seconds.toFixed(0)} s; word error rate ${own.inWords()}; ` +
      `of transformers ${theirs.inWords()}${different.length > 0 ? `; different: ${different.join(', ')}` : ''}`,
  );
  return { equal, compared: rows.length, different, wordErrorRate: own.rates, ofTransformers: theirs.rates };
}

function kindOf(name: string): string {
  return name.split('-')[0]!;
}

function decoded(ids: readonly number[]): string {
  const { target } = model.heads.text as unknown as {
    target: { endTokenId: number; decode(ids: readonly number[]): string };
  };
  return target.decode(ids.filter((id) => id < target.endTokenId));
}

/** What transformers writes, by way and name. */
function referenceIds(): ReadonlyMap<string, readonly number[]> {
  const cache = fileURLToPath(new URL('.cache/whisper-check', import.meta.url));
  mkdirSync(cache, { recursive: true });
  const file = join(cache, `${known.digest('hex').slice(0, 16)}.jsonl`);
  writeFileSync(join(folder, 'work.json'), JSON.stringify({ model: place, ways, recordings, maxNewTokens }));
  const script = fileURLToPath(new URL('src/whisper/reference.py', import.meta.url));
  const threads = process.env.OMP_NUM_THREADS ?? String(describeMachine().cores);
  execFileSync(process.env.PYTHON ?? 'python3', [script, join(folder, 'work.json'), file, threads], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return new Map(
    lines.map((line) => {
      const { way, name, ids } = JSON.parse(line) as { way: string; name: string; ids: number[] };
      return [`${way} ${name}`, ids];
    }),
  );
}
