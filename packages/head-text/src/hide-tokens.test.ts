import { readFileSync } from 'node:fs';
import {
  type Fused,
  hostTensor,
  inferenceContext,
  initialize,
  RandomKey,
  type TokenCodec,
  uploadBatch,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { hideTokens } from './hide-tokens';
import { MaskedLanguageModelHead } from './masked-language-model-head';

interface Collated {
  readonly inputs: number[][];
  readonly labels: number[][];
}

/** Of DataCollatorForLanguageModeling, with numbers given in place of those that it draws: see tools/parity/pretraining.py. */
const fixture = JSON.parse(
  readFileSync(new URL('../fixtures/masked-tokens.json', import.meta.url), 'utf8'),
) as Readonly<Record<'ids' | 'special' | 'words' | 'hides' | 'masks' | 'swaps' | 'tokens', number[][]>> & {
  probability: number;
  ofTokens: Collated;
  ofWords: Collated;
  logits: number[];
  gradient: number[];
  loss: number;
};

const vocabSize = 14;
const rule = { probability: fixture.probability, maskId: 4, vocabSize };
const codec: TokenCodec = {
  vocabSize,
  endIds: [3],
  maskId: 4,
  specialIds: [0, 1, 2, 3, 4],
  encode: () => new Int32Array(),
  decode: (ids) => ids.join(' '),
  wordsOf: (ids) => Int32Array.from(ids, (_, place) => Math.floor(place / 2)),
};

function hiddenRow(row: number, words: boolean, masks = fixture.masks[row]) {
  const mayHide = fixture.special[row].map((own) => 1 - own);
  const own = { ids: fixture.ids[row], mayHide, words: words ? fixture.words[row] : undefined };
  const { hides, swaps, tokens } = fixture;
  return hideTokens(own, rule, { hides: hides[row], masks, swaps: swaps[row], tokens: tokens[row] });
}

const labelled = (labels: number[]) => labels.flatMap((label, place) => (label === -100 ? [] : [place]));

function headOf(options: { probability?: number; wholeWords?: boolean } = {}) {
  const head = new MaskedLanguageModelHead({
    ...{ of: 'text', codec, maskId: 4, probability: 0.15, wholeWords: false, reads: 'owner', hiddenSize: 4 },
    ...options,
    embeddings: undefined,
  });
  initialize(head, RandomKey.from(1));
  return head;
}

/** Rows of ids, padded with 0. */
function hostOf(rows: readonly (readonly number[])[], placeSlot?: number[][]) {
  const length = Math.max(...rows.map((row) => row.length));
  const flat = (of: (row: number, place: number) => number) =>
    Int32Array.from({ length: rows.length * length }, (_, at) => of(Math.floor(at / length), at % length));
  const tensor = (values: Int32Array) => hostTensor(values, [rows.length, length]);
  const features = {
    inputIds: tensor(flat((row, place) => rows[row][place] ?? 0)),
    mask: tensor(flat((row, place) => (place < rows[row].length ? 1 : 0))),
    ...(placeSlot && { placeSlot: tensor(flat((row, place) => placeSlot[row][place])) }),
  };
  return {
    size: rows.length,
    modalities: { text: { rows: Int32Array.from(rows, (_, row) => row), features } },
    targets: {},
  };
}

describe('hiding tokens', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('hides what the collator of Python hides by the same numbers, and puts the same there', () => {
    for (const row of fixture.ids.keys()) {
      const { ids, places } = hiddenRow(row, false);
      expect([...ids]).toEqual(fixture.ofTokens.inputs[row]);
      expect(places).toEqual(labelled(fixture.ofTokens.labels[row]));
    }
  });

  it('hides the words that it hides', () => {
    for (const row of fixture.ids.keys()) {
      expect(hiddenRow(row, true).places).toEqual(labelled(fixture.ofWords.labels[row]));
      // there the mask stands for every token of a word
      const { ids } = hiddenRow(row, true, new Array(fixture.ids[row].length).fill(0));
      expect([...ids]).toEqual(fixture.ofWords.inputs[row]);
    }
  });
});

describe('MaskedLanguageModelHead', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('has the loss of labels −100 elsewhere, and its gradient', () => {
    const [rows, length] = [fixture.ids.length, fixture.ids[0].length];
    const places = fixture.ofTokens.labels.map(labelled);
    const width = Math.max(...places.map((own) => own.length));
    const at = (of: (row: number, place: number) => number) =>
      Int32Array.from({ length: rows * width }, (_, index) => {
        const [row, nth] = [Math.floor(index / width), index % width];
        return nth < places[row].length ? of(row, places[row][nth]) : 0;
      });
    const features = {
      labels: hostTensor(
        at((row, place) => fixture.ids[row][place]),
        [rows, width],
      ),
      counted: hostTensor(
        at(() => 1),
        [rows, width],
      ),
      order: hostTensor(
        at((_, place) => place),
        [rows, width],
      ),
    };
    const own = { rows: Int32Array.from({ length: rows }, (_, row) => row), features };
    const target = uploadBatch({ size: rows, modalities: {}, targets: { own } }).targets.own;
    const { count, sum } = headOf().loss(target).tokens;
    expect(count).toBe(places.flat().length);
    const order = target.features.order as tf.Tensor2D;
    const chosen = (logits: tf.Tensor3D) => {
      const isThere = tf.oneHot(order, length) as tf.Tensor3D;
      return tf.matMul(tf.cast(isThere, 'float32'), logits) as tf.Tensor3D;
    };
    const lossOf = (all: tf.Tensor) =>
      tf.div(sum({ logits: chosen(all as tf.Tensor3D) }, inferenceContext()), count) as tf.Scalar;
    const { value, grad } = tf.valueAndGrad(lossOf)(tf.tensor3d(fixture.logits, [rows, length, vocabSize]));
    expect(value.dataSync()[0]).toBeCloseTo(fixture.loss, 5);
    const farthest = Math.max(...[...grad.dataSync()].map((one, index) => Math.abs(one - fixture.gradient[index])));
    expect(farthest).toBeLessThan(1e-6);
  });

  it('hides the share that it is asked to, 80, 10 and 10 percent of it by the mask, another token and itself', () => {
    const row = [2, ...Array.from({ length: 998 }, (_, place) => 5 + (place % 9)), 3];
    const host = hostOf(Array.from({ length: 20 }, () => row));
    const { features } = headOf().draw(host, RandomKey.from(4))!;
    const ids = features.inputIds.data;
    const count = [...features.counted.data].reduce((sum, one) => sum + one, 0);
    const total = 20 * 998;
    expect(Math.abs(count / total - 0.15)).toBeLessThan(4 * Math.sqrt((0.15 * 0.85) / total));
    const masked = ids.filter((id: number) => id === 4).length;
    const changed = ids.filter((id: number, at: number) => id !== row[at % 1000] && id !== 4).length;
    // a token at random is the mask in 1 of 14 cases, and the token itself in another
    const shares = [masked / count, changed / count];
    const expected = [0.8 + 0.1 / 14, 0.1 * (12 / 14)];
    shares.forEach((share, index) => {
      const deviation = Math.sqrt((expected[index] * (1 - expected[index])) / count);
      expect(Math.abs(share - expected[index])).toBeLessThan(4 * deviation);
    });
    expect(headOf().draw(host, RandomKey.from(4))).toEqual(headOf().draw(host, RandomKey.from(4)));
    expect(headOf().draw({ ...host, modalities: {} }, RandomKey.from(4))).toBeUndefined();
  });

  it('hides neither padding, special tokens nor places of other values, and whole words where asked', () => {
    const host = hostOf(
      [
        [2, 5, 6, 7, 8, 3],
        [2, 9, 3],
      ],
      [
        [-1, -1, 0, -1, -1, -1],
        [-1, -1, -1, -1, -1, -1],
      ],
    );
    const { features } = headOf({ probability: 0.999 }).draw(host, RandomKey.from(0))!;
    const orders = [0, 1].map((row) => {
      const width = features.order.shape[1];
      const own = [...features.order.data.subarray(row * width, (row + 1) * width)];
      return own.filter((_, at) => features.counted.data[row * width + at] === 1);
    });
    expect(orders).toEqual([[1, 3, 4], [1]]);
    const long = hostOf([Array.from({ length: 64 }, () => 7)]);
    const words = headOf({ probability: 0.4, wholeWords: true }).draw(long, RandomKey.from(2))!.features;
    const own = new Set([...words.order.data].filter((_, at) => words.counted.data[at] === 1));
    expect(own.size).toBeGreaterThan(4);
    for (const place of own) expect(own.has(place ^ 1)).toBe(true);
  });

  it('finds the tokens of its slot among those of others, wherever a fusion has them', () => {
    const head = headOf();
    const tokens = tf.randomNormal<tf.Rank.R3>([2, 5, 4], 0, 1, 'float32', 3);
    const map = tf.tensor2d(
      [
        [-1, 1, 0, 1, 1],
        [1, 0, 0, -1, 1],
      ],
      [2, 5],
      'int32',
    );
    const fused = { tokens, mask: tf.ones([2, 5]), pooled: tf.ones([2, 4]), owner: { map, slots: ['image', 'text'] } };
    const order = tf.tensor2d(
      [
        [0, 2],
        [1, 0],
      ],
      [2, 2],
      'int32',
    );
    const target = { rows: Int32Array.of(0, 1), features: { order }, values: {} };
    const { logits } = head.forward({ fused: fused as Fused, parent: undefined }, inferenceContext(), target as never);
    const wanted = [
      [1, 4],
      [4, 0],
    ].map((places, row) => tf.gather(tf.unstack(tokens)[row], places));
    const expected = head.logits(tf.stack(wanted) as tf.Tensor3D);
    expect(tf.max(tf.abs(tf.sub(logits!, expected))).dataSync()[0]).toBeLessThan(1e-5);
    const { ids } = head.forward({ fused: fused as Fused, parent: undefined }, inferenceContext());
    const signs = (ids!.arraySync() as number[][]).map((row) => row.map((id) => id >= 0));
    expect(signs).toEqual([
      [false, true, false, true, true],
      [true, false, false, false, true],
    ]);
    const scores = { ids: { data: ids!.dataSync() as Float32Array, shape: [2, 5] } };
    const [answer] = head.answers(scores, { size: 2, rows: {} });
    expect(answer.ids).toHaveLength(3);
    expect(answer.text).toBe([...answer.ids].join(' '));
  });
});
