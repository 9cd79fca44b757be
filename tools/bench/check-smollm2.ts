// Holds a chat model with its real weights against transformers: its template, the likeliest tokens of prompts by themselves and in one batch, streams, how
// often tokens are drawn, and answers that are constrained to a JSON schema, of which each must parse and fit.
//
//   PYTHON=<a python with torch and transformers> npm run check:smollm2 -- <folder of SmolLM2-135M-Instruct> [--answers 1000] [--resume <file>]
//     [--from 0] [--only template,greedy,stream,draws,json]
//
// With --resume the answers that were counted stand in a file, and a run that was stopped goes on behind them. Batches are drawn by seeds from 0, or from
// --from on, so that several processes may count different ones, each into a file of its own: one behind the other, these are the file of the whole.
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { languageModels } from '@polymodal/architectures/language-models';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { ChatTemplate } from '@polymodal/encoder-text';
import { cachePrefixes } from '@polymodal/generation';
import type { WrittenText } from '@polymodal/head-text';
import { loadPretrained } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { fits, reviewSchema, reviews } from './src/generation/reviews';

interface Reference {
  readonly rendered: readonly { messages: Message[]; text: string; open: boolean; ids: number[] }[];
  readonly template: string;
  readonly tokens: Readonly<Record<string, string>>;
  readonly greedy: readonly { prompt: string; ids: number[]; margins: number[] }[];
  readonly newTokens: number;
  readonly first: { readonly prompt: string; readonly shares: readonly (readonly [id: number, share: number])[] };
}
interface Message {
  readonly role: string;
  readonly content: string;
}
/** Of a batch of constrained answers, those that ended, and how many there were tokens too few for. */
interface Counted {
  readonly seed: number;
  readonly answers: number;
  readonly fitting: number;
  readonly cut: number;
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    answers: { type: 'string', default: '1000' },
    resume: { type: 'string' },
    from: { type: 'string', default: '0' },
    only: { type: 'string', default: '' },
  },
});
const [folder] = positionals;
if (folder === undefined || !existsSync(`${folder}/config.json`)) {
  console.error(
    'Usage: npm run check:smollm2 -- <folder of SmolLM2-135M-Instruct, with config.json in it> [--answers 1000] [--resume <file>] [--from 0]',
  );
  process.exit(1);
}
if (!/^[1-9]\d*$/.test(values.answers)) {
  console.error(`--answers: expected how many constrained answers are drawn, received "${values.answers}".`);
  process.exit(1);
}
if (!/^\d+$/.test(values.from)) {
  console.error(`--from: expected the seed of the first batch, 0 or more, received "${values.from}".`);
  process.exit(1);
}
const only = values.only.split(',').filter(Boolean);
const unknown = only.find((name) => !['template', 'greedy', 'stream', 'draws', 'json'].includes(name));
if (unknown !== undefined) {
  console.error(`--only: expected some of template, greedy, stream, draws, json, received "${unknown}".`);
  process.exit(1);
}
const reference = only.join() === 'json' ? undefined : askPython(folder);
registerOnnxBackend();
await tf.setBackend('onnx');
const { model } = await loadPretrained(languageModels, folder);
const failures: string[] = [];

const batchSize = 25;
/** Logits that lie so near may change places by the order of a sum. */
const nearTie = 1e-3;

const parts = { template: renders, greedy: writesGreedily, stream: streams, draws, json: answersInJson };
for (const [name, check] of Object.entries(parts)) if (only.length === 0 || only.includes(name)) await check();
model.dispose();
console.log(failures.length === 0 ? 'All of it holds.' : `${failures.length} faults:\n${failures.join('\n')}`);
process.exitCode = failures.length === 0 ? 0 : 1;

function askPython(model: string): Reference {
  const script = fileURLToPath(new URL('src/generation/smollm2.py', import.meta.url));
  const threads = process.env.OMP_NUM_THREADS ?? '2';
  const told = execFileSync(process.env.PYTHON ?? 'python3', [script, model, threads], { maxBuffer: 2 ** 28 });
  return JSON.parse(told.toString()) as Reference;
}

async function renders(): Promise<void> {
  const template = new ChatTemplate(reference!.template, reference!.tokens);
  let same = 0;
  for (const { messages, text, open, ids } of reference!.rendered) {
    const own = template.render(messages, { addGenerationPrompt: open }).text;
    const { inputIds } = (await model.prepare({ text: messages })).features.text as Record<
      string,
      { data: Int32Array }
    >;
    const isSame = own === text && (!open || ids.join() === inputIds!.data.join());
    if (isSame) same++;
    else
      failures.push(
        `template: ${JSON.stringify(messages)}: ${JSON.stringify(own)} in place of ${JSON.stringify(text)}`,
      );
  }
  console.log(`template: ${same} of ${reference!.rendered.length} conversations are Python's, with their ids`);
}

async function writesGreedily(): Promise<void> {
  const options = { doSample: false, maxNewTokens: reference!.newTokens };
  const together = await written(
    reference!.greedy.map(({ prompt }) => prompt),
    options,
  );
  let [alone, batched, ties] = [0, 0, 0];
  for (const [index, { prompt, ids, margins }] of reference!.greedy.entries()) {
    const [single] = await written([prompt], options);
    for (const [kind, text] of [
      ['alone', single!],
      ['batched', together[index]!],
    ] as const) {
      const apart = ids.findIndex((id, step) => text.ids[step] !== id);
      if (apart >= 0 && margins[apart]! < nearTie) ties++;
      else if (apart >= 0)
        failures.push(
          `greedy, ${kind}: "${prompt}" differs at token ${apart}, where the likeliest leads by ${margins[apart]}`,
        );
      else if (kind === 'alone') alone++;
      else batched++;
    }
  }
  const all = reference!.greedy.length;
  console.log(
    `greedy: ${alone} of ${all} prompts alone and ${batched} of ${all} in one batch as transformers; ${ties} part at a near tie`,
  );
}

async function streams(): Promise<void> {
  for (const { prompt } of reference!.greedy.slice(0, 4)) {
    let pieces = '';
    const text = [{ role: 'user', content: prompt }];
    for await (const piece of model.stream({ text } as never, 'text', { doSample: false, maxNewTokens: 24 } as never))
      pieces += piece;
    const [whole] = await written([prompt], { doSample: false, maxNewTokens: 24 });
    if (pieces !== whole!.text) failures.push(`stream: "${pieces}" in place of "${whole!.text}"`);
  }
  console.log('stream: 4 texts, piece by piece, beside the whole');
}

/** Pearson's χ² of the first tokens of answers, those together that are expected less than five times. */
async function draws(): Promise<void> {
  const { prompt, shares } = reference!.first;
  const counts = new Map<number, number>();
  const [rounds, each] = [10, 100];
  for (let seed = 0; seed < rounds; seed++) {
    const options = {
      doSample: true,
      temperature: 1,
      topK: 0,
      topP: 1,
      maxNewTokens: 1,
      numReturnSequences: each,
      seed,
    };
    const [{ sequences }] = (await written([prompt], options)) as [WrittenText];
    for (const { ids } of sequences!) counts.set(ids[0]!, (counts.get(ids[0]!) ?? 0) + 1);
  }
  const all = rounds * each;
  const often = shares.filter(([, share]) => share * all >= 5);
  let rest = { expected: all, seen: all };
  let square = 0;
  for (const [id, share] of often) {
    const seen = counts.get(id) ?? 0;
    square += (seen - share * all) ** 2 / (share * all);
    rest = { expected: rest.expected - share * all, seen: rest.seen - seen };
  }
  if (rest.expected >= 5) square += (rest.seen - rest.expected) ** 2 / rest.expected;
  const freedom = often.length - (rest.expected >= 5 ? 0 : 1);
  // Wilson and Hilferty: how far it lies from its mean, in standard deviations of a normal distribution.
  const z = ((square / freedom) ** (1 / 3) - (1 - 2 / (9 * freedom))) / Math.sqrt(2 / (9 * freedom));
  console.log(
    `draws: χ² of ${all} first tokens is ${square.toFixed(1)} with ${freedom} degrees of freedom (${z.toFixed(2)} σ)`,
  );
  if (!(z < 4)) failures.push(`draws: χ² lies ${z} σ above its mean`);
}

async function answersInJson(): Promise<void> {
  const wanted = Number(values.answers);
  const lines = values.resume && existsSync(values.resume) ? readFileSync(values.resume, 'utf8').split('\n') : [];
  const counted = lines.filter(Boolean).map((line) => JSON.parse(line) as Counted);
  const sum = (of: 'answers' | 'fitting' | 'cut') => counted.reduce((all, own) => all + own[of], 0);
  const prefixes = cachePrefixes(model);
  for (let seed = Number(values.from); sum('answers') < wanted; seed++) {
    if (counted.some((own) => own.seed === seed)) continue;
    const size = Math.min(batchSize, wanted - sum('answers'));
    const prompts = Array.from(
      { length: size },
      (_, row) => `Say as JSON how this review is: ${reviews[row % reviews.length]}`,
    );
    const constraint = { schema: reviewSchema };
    const texts = await written(prompts, {
      doSample: true,
      temperature: 1,
      topK: 0,
      topP: 1,
      maxNewTokens: 96,
      constraint,
      seed,
    });
    const ended = texts.filter(({ finishReason }) => finishReason === 'stop');
    const fitting = ended.filter(({ text }) => isFitting(text)).length;
    for (const { text } of ended) if (!isFitting(text)) failures.push(`json: ${text}`);
    const own: Counted = { seed, answers: size, fitting, cut: size - ended.length };
    counted.push(own);
    if (values.resume) appendFileSync(values.resume, `${JSON.stringify(own)}\n`);
  }
  prefixes.dispose();
  if (sum('fitting') < sum('answers'))
    failures.push(`json: ${sum('answers') - sum('fitting')} answers do not parse and fit`);
  console.log(`json: ${sum('fitting')} of ${sum('answers')} answers parse and fit, ${sum('cut')} had too few tokens`);
}

function isFitting(text: string): boolean {
  try {
    return fits(JSON.parse(text));
  } catch {
    return false;
  }
}

async function written(prompts: readonly string[], options: object): Promise<WrittenText[]> {
  const samples = prompts.map((content) => ({ text: [{ role: 'user', content }] }));
  const answers = await model.predict(samples as never, { heads: { text: options as never }, batchSize } as never);
  return answers.map(({ text }) => text as WrittenText);
}
