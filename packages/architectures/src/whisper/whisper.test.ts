import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { inferenceContext, type Model, meanLoss, uploadBatch } from '@polymodal/core';
import { loadModel, saveModel } from '@polymodal/core/node';
import { loadPretrained, openCheckpoint, pretrainedWhole, savePretrained } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  speechFamilies,
  speechRegistry,
  type TranscribedWord,
  type Transcript,
  type Transcription,
  transcribe,
  transcribeStream,
} from '../speech';
import { compressionRatio } from './compression-ratio';
import type { WhisperModel } from './whisper-model';

registerOnnxBackend();

interface Segment {
  readonly start: number;
  readonly end: number;
  readonly tokens: number[];
  readonly words?: readonly TranscribedWord[];
}

/** What transformers makes of the same: see tools/parity/whisper.py. */
interface Expected {
  readonly cases: readonly {
    readonly title: string;
    readonly segments: readonly (readonly Segment[])[];
    readonly logprobThreshold?: number;
  }[];
  readonly compression: readonly [number[], number][];
  readonly languages: number[] | null;
  readonly prompt: number[];
  readonly promptText: string;
  readonly texts: string[];
  readonly targets: number[][];
  readonly decoded: string[][];
  readonly loss: number;
}

const folderOf = (name: string) => fileURLToPath(new URL(`../../fixtures/whisper/${name}`, import.meta.url));
const names = ['multilingual', 'english'] as const;
const expectedOf = (name: string) =>
  JSON.parse(readFileSync(join(folderOf(name), 'expected.json'), 'utf8')) as Expected;
const directory = mkdtempSync(join(tmpdir(), 'polymodal-whisper-'));
afterAll(() => rmSync(directory, { recursive: true }));

let short: { samples: Float32Array; sampleRate: number }[];
let long: typeof short;
beforeAll(async () => {
  await tf.setBackend('onnx');
  const sounds = await openCheckpoint(folderOf('sounds.safetensors'));
  const read = async (name: string) => {
    const { data } = await sounds.read(name);
    return { samples: Float32Array.from(data as ArrayLike<number>, (value) => value / 32768), sampleRate: 16000 };
  };
  short = await Promise.all(['0', '1', '2'].map(read));
  long = await Promise.all(['3', '4'].map(read));
  await sounds.close();
});

/** What lies on steps of 0.02 s, whatever it was added up of. */
const hundredths = (seconds: number) => Math.round(100 * seconds);

const promptText = 'so it was';
const german = { language: 'de', task: 'transcribe' } as const;

/** What is asked, by the titles of the cases. */
const asked: Readonly<Record<string, Transcription>> = {
  plain: { timestamps: false },
  timestamps: { timestamps: true },
  prompt: { timestamps: false, prompt: promptText },
  'prompt with timestamps': { timestamps: true, prompt: promptText },
  beams: { timestamps: false, numBeams: 5 },
  'beams with timestamps': { timestamps: true, numBeams: 3 },
  german: { timestamps: false, ...german },
  translated: { timestamps: false, language: 'French', task: 'translate' },
  'detected and translated': { timestamps: true, task: 'translate' },
  long: {},
  conditioned: { conditionOnPrevious: true },
  'conditioned on a prompt': { conditionOnPrevious: true, prompt: promptText, promptFor: 'all' },
  skipping: { noSpeechThreshold: 0 },
  'with a first prompt': { prompt: promptText },
  'in beams': { numBeams: 3 },
  'in beams, skipping': { numBeams: 3, noSpeechThreshold: 0 },
  words: { words: true },
  'words in beams': { words: true, numBeams: 3 },
};
const ofLong = [
  ...['long', 'conditioned', 'conditioned on a prompt', 'skipping', 'with a first prompt'],
  ...['in beams', 'in beams, skipping', 'words', 'words in beams'],
];

describe.each(names)('Whisper, %s', (name) => {
  const expected = expectedOf(name);
  let model: Model;
  beforeAll(async () => {
    ({ model } = await loadPretrained(speechFamilies, folderOf(name)));
  });
  afterAll(() => model.dispose());

  it.each(expected.cases.map((own) => [own.title, own] as const))(
    'writes the tokens and times that transformers writes: %s',
    async (title, { segments: wanted, logprobThreshold }) => {
      const isLong = ofLong.includes(title);
      const options = { ...asked[title], logprobThreshold, ...(isLong && name === 'multilingual' && german) };
      const transcripts = await transcribe(model, isLong ? long : short, { ...options, batchSize: 2 });
      const segments = transcripts.map((own) =>
        own.segments.map(({ start, end, ids, words }) => ({ start, end, tokens: [...ids], words })),
      );
      expect(segments.map((own) => own.map(({ tokens }) => tokens))).toEqual(
        wanted.map((own) => own.map(({ tokens }) => tokens)),
      );
      for (const [row, own] of segments.entries()) {
        for (const [index, { start, end, words }] of own.entries()) {
          expect(start).toBeCloseTo(wanted[row]![index]!.start, 6);
          expect(end).toBeCloseTo(wanted[row]![index]!.end, 6);
          const rounded = words?.map((word) => ({ ...word, start: hundredths(word.start), end: hundredths(word.end) }));
          const { words: known } = wanted[row]![index]!;
          expect(rounded).toEqual(
            known?.map((word) => ({ ...word, start: hundredths(word.start), end: hundredths(word.end) })),
          );
        }
      }
    },
  );

  it('gives the texts of the tokens, without those of times', async () => {
    const transcripts = await transcribe(model, short, asked.timestamps);
    expect(transcripts.map(({ segments }) => segments.map(({ text }) => text))).toEqual(
      expected.decoded.map((own) => own.map((text) => text.replaceAll(/<\|\d+\.\d+\|>/g, ''))),
    );
  });

  it('learns what transformers learns', async () => {
    await tf.setBackend('cpu');
    const prepared = await Promise.all(
      short.map((own, row) => model.prepare({ audio: own, targets: { text: expected.texts[row] } })),
    );
    const ends = prepared.map(({ targets }) => [...targets.text!.ids!.data]);
    const prefix = expected.targets[0]!.slice(0, name === 'english' ? 1 : 3);
    const whole = expected.targets.map((ids) => ids.slice(prefix.length));
    expect(ends.map((ids) => ids.slice(1))).toEqual(whole); // of several languages the prefix is told when it is written
    const batch = uploadBatch(model.collate(prepared));
    const target = targetOf(expected.targets, batch.targets.text!);
    const learning = { ...batch, targets: { text: target } };
    const parameters = [...model.parameters().entries()].filter(([, own]) => own.trainable);
    const { value, grads } = tf.variableGrads(
      () => meanLoss(model.losses(learning, inferenceContext()).text!),
      parameters.map(([, own]) => own.value as tf.Variable),
    );
    expect(value.dataSync()[0]).toBeCloseTo(expected.loss, 4);
    const gradients = await openCheckpoint(join(folderOf(name), 'gradients.safetensors'));
    for (const [ours, theirs] of [
      ['heads.text.decoder.tokenEmbeddings.weight', 'model.decoder.embed_tokens.weight'],
      ['heads.text.decoder.layers.0.crossAttention.key.weight', 'model.decoder.layers.0.encoder_attn.k_proj.weight'],
      ['heads.text.decoder.positionEmbeddings.weight', 'model.decoder.embed_positions.weight'],
      ['heads.text.decoder.layers.1.attention.query.weight', 'model.decoder.layers.1.self_attn.q_proj.weight'],
      ['encoders.audio.convolution1.weight', 'model.encoder.conv1.weight'],
      ['encoders.audio.layers.0.feedForward.output.weight', 'model.encoder.layers.0.fc2.weight'],
    ] as const) {
      const variable = model.parameters().get(ours)!.value as tf.Variable;
      const [own, wanted] = [await grads[variable.name]!.data(), (await gradients.read(theirs)).data as Float32Array];
      const largest = Math.max(...Array.from(wanted, Math.abs));
      const farthest = Math.max(...Array.from(own, (one, index) => Math.abs(one - wanted[index]!)));
      expect(farthest / largest, ours).toBeLessThan(1e-3); // sums of thousands of products in 32 bits
    }
    await gradients.close();
    await tf.setBackend('onnx');
  });

  it('goes back to a checkpoint with the same values, also after saving and loading', async () => {
    const [kept, back] = ['kept', 'back'].map((own) => join(directory, `${name}-${own}`));
    await saveModel(model, kept!);
    const again = await loadModel(speechRegistry, kept!);
    const [first] = await transcribe(again, short.slice(0, 1), asked.timestamps);
    expect(first!.segments.map(({ ids }) => [...ids])).toEqual(
      expected.cases.find(({ title }) => title === 'timestamps')!.segments[0]!.map(({ tokens }) => tokens),
    );
    await savePretrained(pretrainedWhole(speechFamilies, again), back!);
    const [before, after] = await Promise.all([folderOf(name), back!].map((path) => openCheckpoint(path)));
    expect([...after!.names].sort()).toEqual([...before!.names].sort());
    for (const own of before!.names) expect(await after!.read(own)).toEqual(await before!.read(own));
    await before!.close();
    await after!.close();
    again.dispose();
  });
});

it('writes in predicting what is said in the first window, in the language that it detects', async () => {
  const { model } = await loadPretrained(speechFamilies, folderOf('multilingual'));
  const answers = await model.predict(short.map((audio) => ({ audio })));
  const { languages, cases } = expectedOf('multilingual');
  expect(languages).toHaveLength(3);
  const plain = cases.find(({ title }) => title === 'plain')!.segments;
  answers.forEach(({ text }, row) => {
    const ids = [...(text as { ids: Int32Array }).ids];
    const [first] = plain[row]!;
    expect(ids.slice(0, first!.tokens.length)).toEqual(first!.tokens);
  });
  // Such weights write times among words, which Python's tokenizer leaves out of the text too.
  const { firstTime } = (model as WhisperModel).heads.text;
  const written = answers.map(({ text }) => text as { ids: Int32Array; text: string });
  expect(written.some(({ ids }) => ids.some((id) => id >= firstTime))).toBe(true);
  expect(written.map(({ text }) => text).join('')).not.toMatch(/<\|\d/);
  let streamed = '';
  for await (const piece of model.stream({ audio: short[0]! }, 'text')) streamed += piece;
  expect(streamed).toBe(written[0]!.text);
  model.dispose();
});

it('measures how well tokens are compressed as Python does', async () => {
  const { compression } = expectedOf('english');
  const vocabSize = 400; // two bytes a token, as that of the fixture
  for (const [ids, ratio] of compression) expect(await compressionRatio(ids, vocabSize)).toBeCloseTo(ratio, 6);
});

it('draws what it writes anew, by its seed, where it is unlikely or repeats itself', async () => {
  const { model } = await loadPretrained(speechFamilies, folderOf('english'));
  const hear = async (options: Transcription) => {
    const heard = await transcribe(model, short.slice(0, 1), { timestamps: true, maxNewTokens: 12, ...options });
    return heard[0]!.segments.flatMap(({ ids }) => [...ids]);
  };
  const likeliest = await hear({});
  const { numTensors } = tf.memory();
  const drawn = await hear({ temperatures: [0, 1], logprobThreshold: 0, seed: 1 });
  expect(drawn).not.toEqual(likeliest);
  expect(tf.memory().numTensors).toBe(numTensors);
  expect(await hear({ temperatures: [0, 1], compressionRatioThreshold: 0, seed: 1 })).toEqual(drawn);
  expect(await hear({ temperatures: [0, 1], logprobThreshold: -1e9, compressionRatioThreshold: 1e9 })).toEqual(
    likeliest,
  );
  model.dispose();
});

it('tells segments while it hears, and stops when it is told to, also before anything was heard', async () => {
  const { model } = await loadPretrained(speechFamilies, folderOf('english'));
  const soon = new AbortController();
  const lasting = { samples: new Float32Array(16000 * 600).fill(0.1), sampleRate: 16000 };
  const early = transcribe(model, [lasting], { signal: soon.signal });
  const stopped = expect(early).rejects.toThrow(/abort/i);
  setTimeout(() => soon.abort(), 5);
  await stopped;
  const control = new AbortController();
  const heard: number[] = [];
  const hear = async () => {
    for await (const { recording } of transcribeStream(model, long, { signal: control.signal })) {
      heard.push(recording);
      control.abort();
    }
  };
  await expect(hear()).rejects.toThrow(/abort/i);
  expect(heard.length).toBeGreaterThan(0);
  let closed = 0;
  const endless = function* () {
    try {
      for (;;) yield long[0]!;
    } finally {
      closed++;
    }
  };
  for await (const _ of transcribeStream(model, endless(), { batchSize: 1 })) break;
  expect(closed).toBe(1);
  model.dispose();
});

it('mixes to mono and resamples, and refuses by its index what it cannot hear', async () => {
  const { model } = await loadPretrained(speechFamilies, folderOf('english'));
  const [mono] = short;
  const stereo = { samples: [mono!.samples, mono!.samples], sampleRate: 16000 };
  const [ofMono, ofStereo] = await transcribe(model, [mono!, stereo]);
  expect(ofStereo).toEqual({ ...ofMono, segments: ofMono!.segments.map((own) => ({ ...own, recording: 1 })) });
  const empty = { samples: new Float32Array(), sampleRate: 16000 };
  await expect(transcribe(model, [mono!, empty])).rejects.toThrow(/recording 1.*samples/s);
  await expect(transcribe(model, long, { timestamps: false })).rejects.toThrow(/recording 0.*2 seconds/s);
  await expect(transcribe(model, [mono!], { language: 'de' })).rejects.toThrow(/English alone/);
  await expect(transcribe(model, [mono!], { noSpeechThreshold: 0.6 })).rejects.toThrow(/logprobThreshold/);
  for (const seconds of [1 / 16000, 1.9999, 2, 2.0049]) {
    const [{ segments }] = (await transcribe(
      model,
      [{ ...mono!, samples: new Float32Array(seconds * 16000).fill(0.1) }],
      {
        maxNewTokens: 1,
      },
    )) as [Transcript];
    expect(segments.map(({ start, end }) => [start, end])).toEqual([[0, 2]]); // one window, filled up
  }
  const wrong = Float32Array.of(0, Number.NaN, 0);
  await expect(transcribe(model, [{ samples: wrong, sampleRate: 16000 }])).rejects.toThrow(/recording 0.*NaN/s);
  for (const prompt of ['so <|endoftext|>', '<|startoftranscript|>'])
    await expect(transcribe(model, [mono!], { prompt })).rejects.toThrow(
      /transcribe.prompt: expected a text without special/,
    );
  for (const alone of [mono, undefined, 'speech.wav', new Uint8Array(4), new ArrayBuffer(4)])
    await expect(transcribe(model, alone as never)).rejects.toThrow(
      /transcribe, recordings: expected a list of recordings/,
    );
  model.dispose();
});

/** Targets as labels have them, with the prefix of a language. */
function targetOf(rows: readonly (readonly number[])[], known: { rows: Int32Array }) {
  const width = Math.max(...rows.map((ids) => ids.length));
  const at = (of: (id: number | undefined) => number) =>
    rows.flatMap((ids) => Array.from({ length: width }, (_, place) => of(ids[place])));
  const mask = Float32Array.from(at((id) => (id === undefined ? 0 : 1)));
  const shape: [number, number] = [rows.length, width];
  return {
    rows: known.rows,
    features: {
      ids: tf.tensor2d(Int32Array.from(at((id) => id ?? 0)), shape, 'int32'),
      mask: tf.tensor2d(mask, shape),
    },
    values: { mask: { data: mask, shape, dtype: 'float32' } },
  } as never;
}
