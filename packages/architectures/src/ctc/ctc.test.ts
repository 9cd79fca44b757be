import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { inferenceContext, type Model, meanLoss, uploadBatch } from '@polymodal/core';
import { loadModel, saveModel } from '@polymodal/core/node';
import { resample } from '@polymodal/encoder-audio';
import type { CtcOutput } from '@polymodal/head-text';
import { loadPretrained, openCheckpoint, pretrainedWhole, savePretrained } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hearRecording } from '../hear-recording';
import { speechFamilies, speechRegistry, transcribe } from '../speech';
import { ctcVocabulary } from './ctc-vocabulary';

registerOnnxBackend();

/** What transformers makes of the same: see tools/parity/ctc_families.py. */
interface Expected {
  readonly loss: number;
  readonly labels: readonly (readonly number[])[];
  readonly frames: readonly number[];
  readonly ids: readonly (readonly number[])[];
  readonly texts: readonly string[];
  readonly words: readonly (readonly (readonly [string, number, number])[])[];
  readonly long: { readonly text: string; readonly words: readonly (readonly [string, number, number])[] };
}

const fixtures = fileURLToPath(new URL('../../fixtures/ctc', import.meta.url));
const said = ['tea at noon', 'one', 'a note to toneet'];
const directory = mkdtempSync(join(tmpdir(), 'polymodal-ctc-'));
afterAll(() => rmSync(directory, { recursive: true }));

let sounds: { samples: Float32Array; sampleRate: number }[];
beforeAll(async () => {
  await tf.setBackend('onnx');
  const file = await openCheckpoint(join(fixtures, 'sounds.safetensors'));
  const read = async (name: string) => {
    const { data } = await file.read(name);
    return { samples: Float32Array.from(data as ArrayLike<number>, (value) => value / 32768), sampleRate: 16000 };
  };
  sounds = await Promise.all(['0', '1', '2', '3'].map(read));
  await file.close();
});

describe.each(['wav2vec2', 'hubert'])('%s that writes by CTC', (name) => {
  const folder = join(fixtures, name);
  const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Expected;
  let model: Model;
  beforeAll(async () => {
    ({ model } = await loadPretrained(speechFamilies, folder));
  });
  afterAll(() => model.dispose());

  it('has the logits, the loss and the gradients of Python', async () => {
    const samples = await Promise.all(
      said.map((text, row) => model.prepare({ audio: sounds[row]!, targets: { text } })),
    );
    expect(samples.map(({ targets }) => [...targets.text!.ids!.data])).toEqual(expected.labels);
    const batch = uploadBatch(model.collate(samples));
    const file = await openCheckpoint(join(folder, 'expected.safetensors'));
    const known = await file.read('logits');
    const [, length, size] = known.shape as [number, number, number];
    const { logits, mask } = model.forward(batch, inferenceContext()).heads.text!.output as CtcOutput;
    expect([...tf.sum(mask, 1).dataSync()]).toEqual(expected.frames);
    const own = logits.dataSync();
    expected.frames.forEach((frames, row) => {
      const from = row * logits.shape[1] * size;
      for (let at = 0; at < frames * size; at++) {
        expect(Math.abs(own[from + at]! - Number(known.data[row * length * size + at]))).toBeLessThan(1e-4);
      }
    });
    const parameters = [...model.parameters().entries()].filter(([, one]) => one.trainable);
    const rows = name === 'wav2vec2' ? said.length : 1; // with 'sum' Python adds up the texts too, where ours is their mean
    const { value, grads } = tf.variableGrads(
      () => tf.mul<tf.Scalar>(meanLoss(model.losses(batch, inferenceContext()).text!), rows),
      parameters.map(([, one]) => one.value as tf.Variable),
    );
    expect(value.dataSync()[0]! / expected.loss).toBeCloseTo(1, 5);
    const ofEncoder = `gradient.${name}.`;
    for (const [ours, theirs] of [
      ['heads.text.linear.weight', 'gradient.lm_head.weight'],
      ['heads.text.linear.bias', 'gradient.lm_head.bias'],
      ['encoders.audio.layers.1.attention.value.weight', `${ofEncoder}encoder.layers.1.attention.v_proj.weight`],
      [
        'encoders.audio.layers.0.feedForward.output.weight',
        `${ofEncoder}encoder.layers.0.feed_forward.output_dense.weight`,
      ],
      [
        'encoders.audio.featureEncoder.layers.1.convolution.weight',
        `${ofEncoder}feature_extractor.conv_layers.1.conv.weight`,
      ],
    ] as const) {
      const variable = model.parameters().get(ours)!.value as tf.Variable;
      const [found, wanted] = [await grads[variable.name]!.data(), (await file.read(theirs)).data as Float32Array];
      const largest = Math.max(...Array.from(wanted, Math.abs));
      const farthest = Math.max(...Array.from(found, (one, index) => Math.abs(one - wanted[index]!)));
      expect(farthest / largest, ours).toBeLessThan(1e-3); // sums of thousands of products in 32 bits
    }
    await file.close();
  });

  it('writes the texts of Python, and says when each word is said', async () => {
    const answers = await model.predict(sounds.slice(0, 3).map((audio) => ({ audio })));
    answers.forEach(({ text }, row) => {
      const { text: written, words } = text as {
        text: string;
        words: { text: string; startFrame: number; endFrame: number }[];
      };
      expect(written).toBe(expected.texts[row]);
      const spans = words.map((word) => [word.text.toUpperCase(), word.startFrame, word.endFrame]);
      expect(spans).toEqual(expected.words[row]!.map(([word, ...frames]) => [word.toUpperCase(), ...frames]));
    });
  });

  it('transcribes what is longer in windows, as the pipeline of Python does', async () => {
    const [heard] = await transcribe(model, [sounds[3]!], { windowSeconds: 0.8, strideSeconds: 0.2 });
    expect(heard!.text).toBe(expected.long.text.replaceAll(/ +/g, ' ').trim());
    expected.long.words.forEach(([word, start, end], place) => {
      const { text, ...own } = heard!.segments[place]!;
      expect(text).toBe(word.toLowerCase());
      expect([own.recording, own.start, own.end].map((one) => Number(one.toFixed(6)))).toEqual([0, start, end]);
    });
    await expect(transcribe(model, [sounds[3]!], { strideSeconds: 20 })).rejects.toThrow('transcribe.strideSeconds');
    // Less than a half, but not in whole frames: no window would get any further.
    const half = transcribe(model, [sounds[3]!], { windowSeconds: 0.8, strideSeconds: 0.399 });
    await expect(half).rejects.toThrow(/transcribe.strideSeconds: expected less than half of windowSeconds, 0.8/);
    await expect(transcribe(model, [sounds[3]!], { windowSeconds: 1e-3 })).rejects.toThrow(/windowSeconds.*two frames/);
    await expect(transcribe(model, [sounds[3]!], { language: 'de' })).rejects.toThrow('language');
    await expect(transcribe(model, [sounds[0]!, sounds[3]!], { maxSeconds: 1 })).rejects.toThrow(
      /recording 1.*1 seconds/,
    );
  });

  it('hears what is longer than a window by less than a frame, and stops where it is asked to', async () => {
    const { samples, sampleRate } = sounds[3]!;
    const sound = { samples: samples.subarray(0, 0.8 * sampleRate + 5), sampleRate };
    const [[whole], [cut]] = await Promise.all(
      [1, 0.8].map((windowSeconds) => transcribe(model, [sound], { windowSeconds, strideSeconds: 0 })),
    );
    expect(cut).toEqual(whole);
    const stopping = new AbortController();
    setTimeout(() => stopping.abort(new Error('enough')));
    await expect(transcribe(model, [sound, sound, sound], { signal: stopping.signal })).rejects.toThrow('enough');
    // What resamples stops between two parts of a minute.
    const minute = { samples: new Float32Array(60 * 8000), sampleRate: 8000 };
    const later = new AbortController();
    setTimeout(() => later.abort(new Error('no more')));
    const hearing = { maxSeconds: 100, signal: later.signal };
    await expect(hearRecording(minute, 4000, hearing)).rejects.toThrow('no more');
    await expect(hearRecording(minute, 4000, { maxSeconds: 59 })).rejects.toThrow('at most 59 seconds');
    const tone = { samples: minute.samples.map((_, at) => Math.sin(at / 7)), sampleRate: 8000 };
    const known = resample(tone.samples, 8000, 4000);
    expect(await hearRecording(tone, 4000, { maxSeconds: 60 })).toEqual(known);
  });

  it('searches only as far as it is asked to, and stops a search', async () => {
    const search = { numBeams: 4, maxCandidates: 100 };
    await expect(transcribe(model, [sounds[3]!], search)).rejects.toThrow(/recording 0.*at most 100 candidates/);
    const asked = model.predict([{ audio: sounds[0]! }], { heads: { text: search } });
    await expect(asked).rejects.toThrow(/sample 0.*at most 100 candidates.*4 × \d+ × \d+/s);
    const [enough] = await model.predict([{ audio: sounds[0]! }], { heads: { text: { numBeams: 4 } } });
    const [heard] = await transcribe(model, [sounds[0]!], { numBeams: 4 });
    expect(heard!.text).toBe((enough!.text as { text: string }).text.replaceAll(/ +/g, ' '));
    const stopping = new AbortController();
    const scoreLabel = () => {
      stopping.abort(new Error('found'));
      return 0;
    };
    const { signal } = stopping;
    const stopped = model.predict([{ audio: sounds[0]! }, { audio: sounds[1]! }], {
      heads: { text: { numBeams: 2, scoreLabel } },
      signal,
    });
    await expect(stopped).rejects.toThrow('found');
  });

  it('goes back to a checkpoint with the same values, also after saving and loading', async () => {
    const [kept, back] = ['kept', 'back'].map((own) => join(directory, `${name}-${own}`));
    await saveModel(model, kept!);
    const again = await loadModel(speechRegistry, kept!);
    const [answer] = await again.predict([{ audio: sounds[1]! }]);
    expect((answer!.text as { text: string }).text).toBe(expected.texts[1]);
    await savePretrained(pretrainedWhole(speechFamilies, again), back!);
    const [before, after] = await Promise.all([folder, back!].map((path) => openCheckpoint(path)));
    expect([...after!.names].sort()).toEqual([...before!.names].sort());
    for (const own of before!.names) expect(await after!.read(own)).toEqual(await before!.read(own));
    for (const own of ['vocab.json', 'tokenizer_config.json', 'preprocessor_config.json']) {
      expect(JSON.parse(readFileSync(join(back!, own), 'utf8'))).toEqual(
        JSON.parse(readFileSync(join(folder, own), 'utf8')),
      );
    }
    await before!.close();
    await after!.close();
    again.dispose();
  });
});

it('reads vocabularies as Python does, and refuses by name what does not belong together', () => {
  const read = (files: Readonly<Record<string, unknown>>, vocabSize = 3, padTokenId = 0) =>
    ctcVocabulary((name) => (name in files ? new TextEncoder().encode(JSON.stringify(files[name])) : undefined), {
      vocabSize,
      padTokenId,
    });
  const languages = { deu: { '<pad>': 0, a: 1, ä: 2 }, eng: { '<pad>': 0, a: 1, b: 2 } };
  const german = { 'vocab.json': languages, 'tokenizer_config.json': { target_lang: 'deu' } };
  expect(read(german)).toEqual({ tokens: ['<pad>', 'a', 'ä'], blank: 0, lowerCase: false, cleanUp: false });
  expect(() => read({ 'vocab.json': languages })).toThrow('target_lang');
  expect(() => read({})).toThrow('vocab.json');
  expect(() => read({ 'vocab.json': languages.eng }, 4)).toThrow('none for 3');
  expect(() => read({ 'vocab.json': languages.eng }, 3, 1)).toThrow('pad_token_id');
  const dashes = { 'vocab.json': languages.eng, 'tokenizer_config.json': { replace_word_delimiter_char: '-' } };
  expect(() => read(dashes)).toThrow('replace_word_delimiter_char');
});
