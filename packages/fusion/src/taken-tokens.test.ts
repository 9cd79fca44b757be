import { inferenceContext, type ModalityBatch } from '@polymodal/core';
import { CausalReadings } from '@polymodal/testing';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { decoder } from './decoder-fusion';
import { greatestTokens } from './greatest-tokens';
import { allTaken, takenTokens, takenWidth } from './taken-tokens';
import { fixedEncoders } from './testing/fixed-encoder';

beforeAll(() => tf.ready());

const [size, values, length, width, depth] = [2, 3, 4, 5, 3];
const { image: encoder } = fixedEncoders({
  modalities: ['image'],
  widths: { image: width, text: width, audio: width },
  depth,
});

/** Three values a row, side by side, of which the second row lacks the last. */
function batch(): ModalityBatch {
  const mask = Array.from({ length: size }, (_, row) =>
    Array.from({ length: values * length }, (__, at) => Number(row === 0 || at < 2 * length)),
  );
  const tokens = tf.reshape<tf.Rank.R3>(tf.range(0, size * values * length * width), [size, values * length, width]);
  const valueMask = tf.tensor2d([
    [1, 1, 1],
    [1, 1, 0],
  ]);
  return { rows: Int32Array.of(0, 1), features: { tokens, mask: tf.tensor2d(mask), valueMask } };
}

describe('tokens that are taken of a slot', () => {
  it.each([
    [-1, 3],
    [-2, 2],
    [-4, 0],
    [0, 0],
    [3, 3],
  ])('at layer %i are those after %i layers, which are all that run', (layer, run) => {
    const input = batch();
    const { stages } = encoder.encodeStages(input, inferenceContext());
    const layers = vi.spyOn(encoder, 'layer');
    const taken = takenTokens(encoder, input, { ...allTaken, layer }, inferenceContext());
    const ran = layers.mock.calls.map(([index]) => index);
    layers.mockRestore();
    expect(taken.tokens.arraySync()).toEqual(stages[run].tokens.arraySync());
    expect(ran).toEqual(Array.from({ length: run }, (_, index) => index));
  });

  it('from the second on leave out the first of each value, and keep what is masked so', () => {
    const input = batch();
    const whole = encoder.encode(input, inferenceContext());
    const taken = takenTokens(encoder, input, { ...allTaken, from: 1 }, inferenceContext());
    const kept = Array.from({ length: values * length }, (_, at) => at).filter((at) => at % length > 0);
    const all = whole.tokens.arraySync();
    const valid = whole.mask.arraySync();
    expect(taken.tokens.arraySync()).toEqual(all.map((row) => kept.map((at) => row[at])));
    expect(taken.mask.arraySync()).toEqual(valid.map((row) => kept.map((at) => row[at])));
  });

  it('in blocks of a grid are one token each, as wide as all of them, value by value', () => {
    const input = batch();
    const whole = encoder.encode(input, inferenceContext());
    const taken = takenTokens(encoder, input, { ...allTaken, pixelShuffle: 2 }, inferenceContext());
    const valid = whole.mask.arraySync();
    const rows = whole.tokens
      .arraySync()
      .map((row, index) => row.map((own, at) => own.map((x) => valid[index][at] * x)));
    // A value is one block of 2 × 2.
    const blocks = rows.map((row) => Array.from({ length: values }, (_, at) => row.slice(4 * at, 4 * at + 4).flat()));
    expect(taken.tokens.arraySync()).toEqual(blocks);
    expect(taken.mask.arraySync()).toEqual([
      [1, 1, 1],
      [1, 1, 0],
    ]);
    expect(takenWidth(encoder, { ...allTaken, pixelShuffle: 2 }, 'tokens.image')).toBe(4 * width);
  });

  it.each([
    ['mean', 1],
    ['max', 1],
    ['mean-max', 2],
  ] as const)('by their %s are one token of each value, and zeros where there is none', (pool, vectors) => {
    const input = batch();
    const { tokens, mask } = encoder.encode(input, inferenceContext());
    // The last token of the first value takes no part, though it is the greatest of all.
    const partial = mask.arraySync().map((row) => row.map((one, at) => (at === length - 1 ? 0 : one)));
    const greatest = tf.mul<tf.Tensor3D>(tokens, tf.add(1, tf.expandDims(tf.sub(mask, partial), 2)));
    vi.spyOn(encoder, 'encode').mockReturnValueOnce({
      ...encoder.encode(input, inferenceContext()),
      ...{ tokens: greatest, mask: tf.tensor2d(partial) },
    });
    const taken = takenTokens(encoder, input, { ...allTaken, pool }, inferenceContext());
    const all = greatest.arraySync();
    const expected = all.map((row, index) =>
      Array.from({ length: values }, (_, value) => {
        const at = Array.from({ length }, (__, place) => value * length + place).filter((one) => partial[index][one]);
        const over = (reduce: (numbers: number[]) => number) =>
          Array.from({ length: width }, (__, number) => (at.length ? reduce(at.map((one) => row[one][number])) : 0));
        const mean = over((numbers) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length);
        const max = over((numbers) => Math.max(...numbers));
        return pool === 'mean' ? mean : pool === 'max' ? max : [...mean, ...max];
      }),
    );
    expect(taken.tokens.shape).toEqual([size, values, vectors * width]);
    expect(tf.max(tf.abs(tf.sub(taken.tokens, expected))).arraySync()).toBeLessThan(1e-4); // of numbers up to 240
    expect(taken.mask.arraySync()).toEqual([
      [1, 1, 1],
      [1, 1, 0],
    ]);
    expect(takenWidth(encoder, { ...allTaken, pool }, 'tokens.image')).toBe(vectors * width);
  });

  it('have their greatest values among those that take part, also below zero, and zeros where none does', () => {
    const tokens = tf.tensor3d([
      [
        [-2, 1],
        [-1, -3],
        [0, 9],
      ],
      [
        [4, 4],
        [4, 4],
        [4, 4],
      ],
    ]);
    const greatest = greatestTokens(
      tokens,
      tf.tensor2d([
        [1, 1, 0],
        [0, 0, 0],
      ]),
    );
    expect(Array.from(greatest.dataSync(), (value) => value + 0)).toEqual([-1, 1, 0, 0]); // −0 is 0
  });

  it('are refused where they are no grid of blocks', () => {
    const options = { ...allTaken, pixelShuffle: 3 };
    expect(() => takenTokens(encoder, batch(), options, inferenceContext())).toThrow(
      /blocks of 3 × 3.*received 4 tokens/,
    );
  });

  it('are refused where there are none', () => {
    expect(() => takenTokens(encoder, batch(), { ...allTaken, from: length }, inferenceContext())).toThrow(
      /below the 4 tokens/,
    );
    for (const layer of [4, -5]) {
      expect(() => takenWidth(encoder, { ...allTaken, layer }, 'tokens.image')).toThrow(
        /tokens.image.layer: expected from -4 to 3, as the encoder has 3 layers/,
      );
    }
  });

  it('are of slots that there are', () => {
    const create = (slot: string) => () =>
      decoder.create(decoder.config.parse({ host: 'text', tokens: { [slot]: {} } }), {
        hiddenSize: width,
        encoders: { text: new CausalReadings(4), image: encoder },
      });
    expect(create('imag')).toThrow(/tokens: expected the name of an encoder slot/);
    expect(create('text')).toThrow(/tokens: expected slots that are spliced into the sequence of "text"/);
  });
});
