import { ConfigError, type HostTensor2D, hostTensor, type Model, parseConfig, processorOfOne } from '@polymodal/core';
import { AudioProcessor, type RawAudio } from '@polymodal/encoder-audio';
import { samplingRateOf } from '@polymodal/encoder-audio/pretrained';
import {
  CtcHead,
  type CtcText,
  defaultMaxCandidates,
  readWords,
  requireSearchable,
  type ScoreLabel,
  type SpokenWord,
} from '@polymodal/head-text';
import { PretrainedProcessor } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { hearRecording } from '../hear-recording';
import { namedFault } from '../named-fault';
import type { TranscribedSegment } from '../whisper/transcribe';

/** How `transcribe` hears with a model that writes by CTC. */
export const frameOptions = z
  .strictObject({
    /** Longer recordings are heard in windows of so many seconds. */
    windowSeconds: z.number().positive().max(300).default(30),
    /** How much of a window's ends is heard and not written, since it lacks what stands beside it: a sixth of it by default. */
    strideSeconds: z.number().min(0).optional(),
    /** How many prefixes a search keeps; 1 (default) takes the likeliest token of each frame. */
    numBeams: z.int().min(1).max(1024).default(1),
    /** Most labels that a search looks at, numBeams × vocabulary × frames; a recording that needs more is refused before it is heard. */
    maxCandidates: z.number().positive().default(defaultMaxCandidates),
    /** What else is known of texts: see `ScoreLabel` of `@polymodal/head-text`. */
    scoreLabel: z.custom<ScoreLabel>((given) => typeof given === 'function', 'a function').optional(),
    /** Windows that are heard at a time. */
    batchSize: z.int().positive().max(1024).default(8),
    /** Longer recordings are refused. */
    maxSeconds: z.number().positive().default(7200),
    signal: z.instanceof(AbortSignal).optional(),
  })
  .refine(({ windowSeconds, strideSeconds = 0 }) => 2 * strideSeconds < windowSeconds, {
    path: ['strideSeconds'],
    error: 'less than half of windowSeconds',
  })
  .refine(({ numBeams, scoreLabel }) => numBeams > 1 || scoreLabel === undefined, {
    path: ['scoreLabel'],
    error: 'nothing, or numBeams of 2 at least: without a search nothing is scored',
  });

type FrameOptions = z.output<typeof frameOptions>;

/** A model whose head `text` writes by CTC. */
export type FrameModel = Model & { readonly heads: { readonly text: CtcHead } };

/** Whether it is one that {@link transcribeFrames} takes. */
export function writesFrames(model: Model): model is FrameModel {
  return model?.heads?.text instanceof CtcHead;
}

/**
 * Writes what is said in recordings of any length, word by word: heard in windows that overlap, whose frames are put together (as Python's
 * `pipeline` does with `chunk_length_s` and `stride_length_s`), and read as a whole.
 */
export async function* transcribeFrames(
  model: FrameModel,
  recordings: Iterable<RawAudio> | AsyncIterable<RawAudio>,
  given: z.input<typeof frameOptions>,
): AsyncGenerator<TranscribedSegment, void, undefined> {
  const options = parseConfig(frameOptions, given, 'transcribe');
  let index = 0;
  for await (const raw of recordings) {
    options.signal?.throwIfAborted();
    const recording = index++;
    const words = await namedFault(`recording ${recording}`, () => heard(model, raw, options));
    for (const { text, start, end, ids } of words)
      yield { recording, start: start!, end: end!, text, ids: Int32Array.from(ids) };
  }
}

/** The words of a recording that is read as a whole. */
async function heard(model: FrameModel, raw: RawAudio, options: FrameOptions): Promise<readonly SpokenWord[]> {
  const { windowSeconds, strideSeconds = windowSeconds / 6, batchSize, signal } = options;
  const head = model.heads.text;
  const rate = sampleRateOf(model, head.of);
  const frame = Math.round(frameSecondsOf(head) * rate); // in samples
  const whole = (seconds: number) => Math.round((seconds * rate) / frame) * frame;
  const [size, stride] = [whole(windowSeconds), whole(strideSeconds)];
  requireProgress(size, stride, frame, rate);
  const samples = await hearRecording(raw, rate, options);
  const { numBeams, scoreLabel, maxCandidates } = options;
  const { size: labels } = head.vocabulary;
  if (numBeams > 1) {
    requireSearchable({ frames: Math.ceil(samples.length / frame), size: labels }, numBeams, maxCandidates);
  }
  const windows = windowsOf(samples.length, size, stride, frame);
  const parts: HostTensor2D[] = [];
  for (let first = 0; first < windows.length; first += batchSize) {
    await tf.nextFrame(); // lets the signal hear, since computing does not
    signal?.throwIfAborted();
    const some = windows.slice(first, first + batchSize);
    const answers = await model.predict(
      some.map(({ start, end }) => ({ [head.of]: { samples: samples.subarray(start, end), sampleRate: rate } })),
      { heads: { text: { logProbabilities: true } }, batchSize, signal },
    );
    answers.forEach(({ text }, place) => {
      const frames = (text as CtcText).logProbabilities!;
      const { start, end, left, right } = some[place]!;
      const all = Math.round((end - start) / frame); // as many as there would be without an end
      const kept = [
        left / frame,
        Math.min(frames.shape[0], right === 0 ? Number.POSITIVE_INFINITY : all - right / frame),
      ];
      parts.push(rowsOf(frames, kept[0]!, kept[1]!));
    });
  }
  const data = joined(parts);
  const known = { data, frames: data.length / labels, size: labels };
  const asked = { numBeams, numReturnSequences: 1, scoreLabel, maxCandidates: Number.POSITIVE_INFINITY };
  return readWords(known, { vocabulary: head.vocabulary, frameSeconds: head.frameSeconds, asked, signal });
}

/** A part of a recording that is heard by itself, in samples, and what is left out of it. */
interface Window {
  readonly start: number;
  readonly end: number;
  readonly left: number;
  readonly right: number;
}

/** One behind the other by as much as is kept of each. The last one goes on for two frames, since the next might be too short to be heard. */
function windowsOf(length: number, size: number, stride: number, frame: number): Window[] {
  const windows: Window[] = [];
  for (let start = 0; ; start += size - 2 * stride) {
    const isLast = start + size + 2 * frame >= length;
    const left = start === 0 ? 0 : stride;
    windows.push({ start, end: isLast ? length : start + size, left, right: isLast ? 0 : stride });
    if (isLast) return windows;
  }
}

function rowsOf({ data, shape: [, size] }: HostTensor2D, from: number, to: number): HostTensor2D {
  const rows = Math.max(0, to - from);
  return hostTensor((data as Float32Array).slice(from * size, (from + rows) * size), [rows, size]);
}

function joined(parts: readonly HostTensor2D[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { data }) => sum + data.length, 0));
  let at = 0;
  for (const { data } of parts) {
    all.set(data, at);
    at += data.length;
  }
  return all;
}

/** @throws ConfigError for windows that are shorter than two frames, and for those of which in whole frames nothing is left to be written */
function requireProgress(size: number, stride: number, frame: number, rate: number): void {
  const refuse = (where: string, expected: string, samples: number) => {
    throw new ConfigError({
      where: `transcribe.${where}`,
      expected,
      received: `${samples / rate}, in whole frames of ${frame / rate} seconds`,
    });
  };
  if (size < 2 * frame) refuse('windowSeconds', `at least two frames of the model, ${(2 * frame) / rate}`, size);
  if (2 * stride >= size) refuse('strideSeconds', `less than half of windowSeconds, ${size / rate}`, stride);
}

/** @throws ConfigError for an encoder that does not say how long a frame is, by which windows are cut */
function frameSecondsOf({ frameSeconds, of }: CtcHead): number {
  if (frameSeconds !== undefined) return frameSeconds;
  throw new ConfigError({
    where: 'transcribe',
    expected: 'a model whose encoder says how long a token is (tokenSeconds)',
    received: `"${of}", whose encoder does not`,
  });
}

/** @throws ConfigError for a slot that is not heard as sound */
function sampleRateOf({ processors }: Model, slot: string): number {
  const processor = processorOfOne(processors[slot]!);
  if (processor instanceof AudioProcessor) return processor.config.sampleRate;
  if (processor instanceof PretrainedProcessor) return samplingRateOf(processor.contents);
  throw new ConfigError({
    where: 'transcribe',
    expected: 'a model that hears recordings',
    received: `"${slot}", which has a processor of another kind`,
  });
}
