import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { inferenceContext, initialize, Module, RandomKey, type Sequence, type Tokens } from '@polymodal/core';
import {
  type AttentionState,
  causalState,
  EVERYTHING,
  Linear,
  MultiHeadAttention,
  type Past,
  runAttentionLayer,
  TransformerLayer,
} from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FrameDecoder } from '../frame-decoder';
import { type GeneratedFrame, generateFrames } from '../generate-frames';
import { CachedFrameDecoder, type DecodableFrames } from './cached-frame-decoder';
import type { Decoded, DecodingInputs } from './decodable';

registerOnnxBackend();

const frameSize = 3;
const hiddenSize = 8;

/** Frames of speech about a text, as SpeechT5 makes them: causal layers, and between them attention to the text. */
class Speaker extends Module implements DecodableFrames {
  readonly frameSize = frameSize;
  readonly maxLength = 200;
  readonly windows = [EVERYTHING, EVERYTHING];
  readonly prenet = new Linear(frameSize, hiddenSize);
  readonly layers = this.windows.map(
    () => new TransformerLayer({ hiddenSize, numAttentionHeads: 2, intermediateSize: 12 }),
  );
  readonly toText = new MultiHeadAttention({ hiddenSize, numAttentionHeads: 2 });
  readonly frame = new Linear(hiddenSize, frameSize);
  readonly stop = new Linear(hiddenSize, 1);

  get cacheSizes() {
    const { numKeyValueHeads, headDim } = this.layers[0].attention;
    return { numKeyValueHeads, headDim, windows: this.windows, lengthWithSamePositions: () => this.maxLength };
  }

  /** @returns the frame after each, and whether it is the last: (B, N, M), (B, N) */
  forward(sequence: Sequence, memory: tf.NamedTensorMap, past?: Past) {
    const context = inferenceContext();
    const state = causalState(sequence.mask.shape[1], this.windows, past);
    let tokens: Tokens<AttentionState> = { ...sequence, tokens: this.prenet.forward(sequence.tokens), state };
    tokens = runAttentionLayer(this.layers[0], 0, tokens, context);
    const text = memory.text as tf.Tensor3D;
    const heard = this.toText.forward(tokens.tokens, text, tf.ones([text.shape[0], text.shape[1]]), context);
    tokens = runAttentionLayer(this.layers[1], 1, { ...tokens, tokens: tf.add(tokens.tokens, heard) }, context);
    const frames = tf.tanh(this.frame.forward(tokens.tokens));
    return { frames, stops: tf.sigmoid(tf.squeeze(this.stop.forward(tokens.tokens), [2])), past: tokens.state.past };
  }

  decode({ features, memory }: DecodingInputs, before: Past): Decoded {
    const { frames, mask } = features as { frames: tf.Tensor3D; mask: tf.Tensor2D };
    const rows = Int32Array.from({ length: mask.shape[0] }, (_, row) => row);
    const all = this.forward({ tokens: frames, mask, rows }, memory, before);
    const [batch, length] = mask.shape;
    const last = tf.slice(all.frames, [0, length - 1, 0], [batch, 1, frameSize]);
    const stops = tf.slice(all.stops, [0, length - 1], [batch, 1]);
    return {
      outputs: { frames: tf.reshape(last, [batch, frameSize]), stops: tf.reshape(stops, [batch]) },
      past: all.past!,
    };
  }
}

function speaker(): Speaker {
  const model = new Speaker();
  initialize(model, RandomKey.from(2));
  for (const [path, parameter] of model.parameters()) {
    parameter.assignValues(
      RandomKey.from(3)
        .fold(path)
        .normal(parameter.size)
        .map((x) => 0.5 * x),
    );
  }
  return model;
}

const texts = (rows: number) => tf.tensor3d(RandomKey.from(4).normal(rows * 5 * hiddenSize), [rows, 5, hiddenSize]);

/** The loop written out, every frame from all those before it: no cache, no batch. */
function spoken(model: Speaker, prompt: Float32Array, text: tf.Tensor3D, count: number) {
  const values = [...prompt];
  let stop = 0;
  for (let step = 0; step < count; step++) {
    const length = values.length / frameSize;
    const [next, stops] = tf.tidy(() => {
      const tokens = tf.tensor3d(values, [1, length, frameSize]);
      const all = model.forward({ tokens, mask: tf.ones([1, length]), rows: Int32Array.of(0) }, { text });
      return [all.frames.dataSync().slice(-frameSize), all.stops.dataSync().slice(-1)];
    });
    values.push(...next);
    stop = stops[0];
  }
  return { frames: values.slice(prompt.length), stop };
}

async function frames(
  decoder: CachedFrameDecoder,
  prompts: readonly Float32Array[],
  options: Parameters<typeof generateFrames>[2],
) {
  const rows = prompts.map((): GeneratedFrame[] => []);
  for await (const turn of generateFrames(decoder, prompts, options)) for (const one of turn) rows[one.index].push(one);
  return rows;
}

const prompts = [new Float32Array(frameSize), RandomKey.from(5).normal(4 * frameSize)];

describe.each(['cpu', 'onnx'])('CachedFrameDecoder on %s', (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  it('gives frames of speech what a loop without cache gives each, over the borders of the cache too', async () => {
    const model = speaker();
    const text = texts(2);
    const decoder = new CachedFrameDecoder(model).about({ text });
    const rows = await frames(decoder, prompts, { maxNewFrames: 60, stopAt: 1 });
    for (const [index, prompt] of prompts.entries()) {
      const own = tf.slice(text, [index, 0, 0], [1, 5, hiddenSize]);
      const expected = spoken(model, prompt, own, 60).frames;
      const received = rows[index].flatMap(({ frame }) => [...frame]);
      expect(received).toHaveLength(expected.length);
      received.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 4)); // 60 frames feed rounding back
      expect(rows[index].at(-1)!.finishReason).toBe('length');
    }
    decoder.dispose();
    model.dispose();
  });

  it('ends a sequence where its end is likely, and not before the fewest frames', async () => {
    const model = speaker();
    const text = texts(1);
    const decoder = new CachedFrameDecoder(model).about({ text });
    const chances = Array.from({ length: 8 }, (_, step) => spoken(model, prompts[0], text, step + 1).stop);
    const stopAt = Math.max(...chances) - 1e-4;
    const first = 1 + chances.findIndex((chance) => chance >= stopAt);
    const [row] = await frames(decoder, [prompts[0]], { maxNewFrames: 20, stopAt });
    expect([row.length, row.at(-1)!.finishReason]).toEqual([first, 'stop']);
    const [longer] = await frames(decoder, [prompts[0]], { maxNewFrames: 20, minNewFrames: first + 1, stopAt });
    expect(longer.length).toBeGreaterThan(first);
    decoder.dispose();
    model.dispose();
  });

  it('goes on with chosen rows, one of them twice, and leaves no tensor behind', async () => {
    const model = speaker();
    const text = texts(2);
    const decoder = new CachedFrameDecoder(model).about({ text });
    await frames(decoder, prompts, { maxNewFrames: 2 });
    const before = tf.memory().numTensors;
    const decoding = decoder.start(prompts, 4);
    const { frames: next } = await decoding.prefill();
    const [, second] = [0, 1].map((row) => next.slice(row * frameSize, (row + 1) * frameSize));
    decoding.select([1, 1, 0]);
    const { frames: after } = await decoding.step([second, second, second]);
    const own = tf.slice(text, [1, 0, 0], [1, 5, hiddenSize]);
    const expected = spoken(model, prompts[1], own, 2).frames.slice(frameSize);
    for (const row of [0, 1]) {
      expected.forEach((value, i) => expect(after[row * frameSize + i]).toBeCloseTo(value, 5));
    }
    expect(after[2 * frameSize]).not.toBeCloseTo(expected[0], 3);
    own.dispose();
    decoding.dispose();
    expect(tf.memory().numTensors).toBe(before);
    decoder.dispose();
    model.dispose();
  });
});

describe('generateFrames', () => {
  it('gives beside longer prompts as many frames as alone, up to the last position', async () => {
    const silence: FrameDecoder = {
      ...{ frameSize, maxLength: 4 },
      start: ({ length: rows }) => {
        const silent = (count: number) => ({
          frames: new Float32Array(count * frameSize),
          stops: new Float32Array(count),
        });
        return {
          prefill: async () => silent(rows),
          step: async ({ length }) => silent(length),
          select: () => undefined,
          dispose: () => undefined,
        };
      },
    };
    const counts = [0, 0];
    const prompts = [3, 1].map((length) => new Float32Array(length * frameSize));
    for await (const turn of generateFrames(silence, prompts, { maxNewFrames: 9 })) {
      for (const { index } of turn) counts[index]++;
    }
    expect(counts).toEqual([2, 4]); // the last is not fed back
  });

  const decoder = new CachedFrameDecoder({ frameSize, maxLength: 4 } as DecodableFrames);
  it.each<[string, Float32Array[], object, RegExp]>([
    ['no prompt', [], { maxNewFrames: 1 }, /at least one prompt, received none/],
    [
      'an empty prompt',
      [new Float32Array(0)],
      { maxNewFrames: 1 },
      /prompt 0: expected frames of 3 numbers, received 0/,
    ],
    ['half a frame', [new Float32Array(4)], { maxNewFrames: 1 }, /frames of 3 numbers, received 4 numbers/],
    ['a prompt that is too long', [new Float32Array(15)], { maxNewFrames: 1 }, /at most 4 frames, received 5/],
    ['no limit', [new Float32Array(3)], {}, /generation\.maxNewFrames/],
    ['an unknown option', [new Float32Array(3)], { maxNewFrames: 1, maxFrame: 3 }, /"maxFrame"/],
  ])('refuses %s', async (_, given, options, message) => {
    await expect(frames(decoder, given, options as never)).rejects.toThrow(message);
  });
});
