import { readFileSync } from 'node:fs';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import {
  decodeSafetensors,
  type Features,
  type HeadInput,
  type HostTensor,
  inferenceContext,
  picturePlaceFeature,
  uploadBatch,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import precision from '../../fixtures/box-precision.json' with { type: 'json' };
import known from '../../fixtures/boxes.json' with { type: 'json' };
import { boxPrecision } from './average-precision';
import { type Box, cornersOf } from './box-format';
import { BoxTarget } from './box-target';
import { BoxesHead, type BoxesOutput } from './boxes-head';
import { sinePositions } from './sine-positions';

const path = new URL('../../fixtures/boxes.safetensors', import.meta.url);
const { tensors } = decodeSafetensors(readFileSync(path), 'boxes.safetensors');
const valuesOf = (name: string) => tensors.get(name)!.data as Float32Array;

const { labels, things, found } = known;
const sizes = known.sizes as [height: number, width: number][];
const grid = known.grid as [number, number];

const target = new BoxTarget('photo', {
  labels,
  format: 'xyxy',
  numQueries: 6,
  minVisible: 0.1,
  bucketSize: 4,
});

/** A picture that its encoder is given in another size. */
function photoOf([height, width]: readonly [number, number]): Features {
  const sides = { width, height, seenWidth: 56, seenHeight: 40 };
  return picturePlaceFeature({ ...sides, scaleX: 56 / width, offsetX: 0, scaleY: 40 / height, offsetY: 0 });
}

const photos = sizes.map(photoOf);

function headOf(auxiliaryLoss: boolean): BoxesHead {
  const dropouts = { hiddenDropout: 0, attentionDropout: 0, dropPath: 0 };
  const head = new BoxesHead({
    ...{
      target,
      attendsTo: undefined,
      auxiliaryLoss,
      grid,
      startsFrom: 'zeros',
      pooledSize: 16,
      normPosition: 'post',
      ...dropouts,
    },
    ...{ hiddenSize: 16, keyValueSize: 16, numHiddenLayers: 3, numAttentionHeads: 2, intermediateSize: 24 },
    ...{ hiddenAct: 'relu', layerNormEps: 1e-5, eosCoefficient: 0.1, classCost: 1, bboxCost: 5, giouCost: 2 },
    ...{ bboxLossCoefficient: 5, giouLossCoefficient: 2 },
  });
  for (const [path, parameter] of head.parameters()) {
    parameter.assign(tf.tensor(valuesOf(`parameter ${pythonName(path)}`), parameter.shape as number[]));
  }
  return head;
}

const names: Readonly<Record<string, string>> = {
  norm1: 'self_attn_layer_norm',
  attention: 'self_attn',
  crossNorm: 'encoder_attn_layer_norm',
  crossAttention: 'encoder_attn',
  norm2: 'final_layer_norm',
  feedForward: 'mlp',
  query: 'q_proj',
  key: 'k_proj',
  value: 'v_proj',
};

function pythonName(path: string): string {
  if (path === 'decoder.queryPositions') return 'queries';
  const renamed = path
    .split('.')
    .map((part) => names[part] ?? part)
    .join('.')
    .replace('mlp.intermediate', 'mlp.fc1')
    .replace('mlp.output', 'mlp.fc2')
    .replace('attn.output', 'attn.o_proj')
    .replace('decoder.norm', 'decoder.layernorm')
    .replace(/^box\./, 'box.layers.');
  return renamed;
}

function inputOf(tokens: tf.Tensor3D): HeadInput {
  const [batch, count, width] = tokens.shape;
  return {
    fused: { tokens, mask: tf.ones([batch, count]), pooled: tf.zeros([batch, width]) },
    parent: undefined,
  };
}

const tokens = () => tf.tensor3d(valuesOf('tokens'), [3, 35, 16]);

function wanted(rows: readonly number[] = [0, 1, 2]) {
  const features = rows.map((row) => {
    const raw = things[row].map(([box, label]) => ({ box, label: labels[label as number] }));
    return target.process(raw, { training: false, modalities: { photo: photos[row] } });
  });
  const { targets } = uploadBatch({
    size: rows.length,
    modalities: {},
    targets: { own: { rows: Int32Array.from(rows, (_, at) => at), features: target.collate(features) } },
  });
  return targets.own as Parameters<BoxesHead['loss']>[0];
}

function expectNear(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, what: string) {
  const most = Math.max(1e-3, ...Array.from(expected, Math.abs));
  expect(actual.length, what).toBe(expected.length);
  const worst = Math.max(0, ...Array.from(actual, (value, at) => Math.abs(value - expected[at])));
  expect(worst / most, what).toBeLessThan(tolerance);
}

registerOnnxBackend();

describe.each(['cpu', 'onnx'])('as DETR of transformers, on %s', (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  it.each([
    ['of the last layer', 'last', false],
    ['of all layers', 'all', true],
  ] as const)('the loss %s', (_, which, auxiliary) => {
    tf.tidy(() => {
      const head = headOf(auxiliary);
      const input = inputOf(tokens());
      const output = head.forward(input, inferenceContext());
      const terms = head.loss(wanted());
      const means = Object.fromEntries(
        Object.entries(terms).map(([name, { count, sum }]) => [
          name,
          sum(output, inferenceContext()).dataSync()[0] / count,
        ]),
      );
      const all = known[which].terms as Readonly<Record<string, number>>;
      const sumOf = (name: string) =>
        Object.entries(all).reduce((sum, [key, value]) => (key.startsWith(name) ? sum + value : sum), 0);
      expect(means.class).toBeCloseTo(sumOf('loss_ce'), 4);
      expect(means.box).toBeCloseTo(sumOf('loss_bbox'), 4);
      expect(means.overlap).toBeCloseTo(sumOf('loss_giou'), 4);
      const loss = Object.entries(terms).reduce((sum, [name, { weight = 1 }]) => sum + weight * means[name], 0);
      expect(Math.abs(loss - known[which].loss)).toBeLessThan(1e-4);
      head.dispose();
    });
  });

  it('states and boxes within 1e-4, and gradients of the loss of all layers within 1e-3 of the largest', () => {
    tf.tidy(() => {
      const head = headOf(true);
      const given = tf.variable(tokens());
      const parameters = head.parameters();
      const variables = [...parameters.values()].map(({ value }) => value as tf.Variable);
      let output: BoxesOutput | undefined;
      const { grads } = tf.variableGrads(() => {
        output = head.forward(inputOf(given as tf.Tensor as tf.Tensor3D), inferenceContext());
        const terms = Object.values(head.loss(wanted())).map(({ count, weight = 1, sum }) =>
          tf.mul(sum(output!, inferenceContext()), weight / count),
        );
        const whole = tf.addN(terms) as tf.Scalar;
        tf.keep(output.logits);
        tf.keep(output.boxes);
        return whole;
      }, [...variables, given]);
      expectNear(output!.logits.dataSync(), valuesOf('logits'), 1e-4, 'logits');
      expectNear(output!.boxes.dataSync(), valuesOf('boxes'), 1e-4, 'boxes');
      const largest = Math.max(
        ...[...tensors.keys()]
          .filter((name) => name.startsWith('gradient'))
          .flatMap((name) => Array.from(valuesOf(name), Math.abs)),
      );
      const differences = (own: tf.Tensor, name: string) => {
        const expected = valuesOf(`gradient ${name}`);
        return Math.max(...Array.from(own.dataSync(), (value, at) => Math.abs(value - expected[at])));
      };
      for (const [path, parameter] of parameters) {
        const own = parameter.trainable
          ? grads[(parameter.value as tf.Variable).name]
          : tf.zeros(parameter.shape as number[]);
        expect(differences(own, pythonName(path)) / largest, path).toBeLessThan(1e-3);
      }
      expect(differences(grads[given.name], 'tokens') / largest).toBeLessThan(1e-3);
      given.dispose();
      head.dispose();
    });
  });

  it('answers as it does after post-processing, cut off at the edges, the surest first', () => {
    tf.tidy(() => {
      const head = headOf(false);
      const scores = head.scores(head.forward(inputOf(tokens()), inferenceContext()));
      const values = Object.fromEntries(
        Object.entries(scores).map(([name, own]): [string, HostTensor] => [
          name,
          { data: own.dataSync() as Float32Array, shape: own.shape },
        ]),
      );
      const present = { size: 3, rows: {} };
      const features = photos.map((photo) => ({ photo }));
      const answers = head.answers(values, present, { threshold: 0.33, maxBoxes: 100 }, features);
      expect(answers.map(({ boxes }) => boxes.length)).toEqual(found.map(({ scores: own }) => own.length));
      for (const [row, { boxes }] of answers.entries()) {
        const [height, width] = sizes[row];
        const own = found[row].scores
          .map((score, at) => ({ score, label: labels[found[row].labels[at]], box: found[row].boxes[at] }))
          .sort((one, other) => other.score - one.score);
        for (const [place, { box, label, score }] of boxes.entries()) {
          expect([label, score.toFixed(4)]).toEqual([own[place].label, own[place].score.toFixed(4)]);
          box.forEach((at, axis) => {
            expect(at).toBeCloseTo(Math.min(Math.max(own[place].box[axis], 0), axis % 2 === 0 ? width : height), 2);
          });
        }
      }
      const [best] = head.answers(values, present, { threshold: 0, maxBoxes: 1 }, features);
      expect(best.boxes).toHaveLength(1);
      head.dispose();
    });
  });

  it('has a loss of several batches as of one, with a picture in which there is nothing', () => {
    tf.tidy(() => {
      const head = headOf(true);
      const sumsOf = (rows: readonly number[]) => {
        const own = tf.gather(tokens(), [...rows]) as tf.Tensor3D;
        const output = head.forward(inputOf(own), inferenceContext());
        return Object.entries(head.loss(wanted(rows))).map(
          ([name, { count, sum }]) => [name, count, sum(output, inferenceContext()).dataSync()[0]] as const,
        );
      };
      const [whole, first, second] = [sumsOf([0, 1, 2]), sumsOf([0, 1]), sumsOf([2])];
      for (const [term, [name, count, sum]] of whole.entries()) {
        expect(first[term][1] + second[term][1], name).toBeCloseTo(count, 9);
        expect(first[term][2] + second[term][2], name).toBeCloseTo(sum, 3);
      }
      head.dispose();
    });
  });
});

it('places in a grid are those of DETR, and zeros in front of it', () => {
  expectNear(sinePositions(grid, 16, 35), valuesOf('positions'), 1e-5, 'positions');
  const behind = sinePositions(grid, 16, 36);
  expect(behind.subarray(0, 16).every((value) => value === 0)).toBe(true);
  expectNear(behind.subarray(16), valuesOf('positions'), 1e-5, 'positions behind one token');
});

describe('boxes as people have them', () => {
  const place = { width: 100, height: 50, seenWidth: 50, seenHeight: 50 };
  const cropped = picturePlaceFeature({ ...place, scaleX: 1, offsetX: -25, scaleY: 1, offsetY: 0 });
  const mirrored = picturePlaceFeature({ ...place, scaleX: -0.5, offsetX: 50, scaleY: 1, offsetY: 0 });
  const targetOf = (options: object = {}) =>
    new BoxTarget('photo', { labels, format: 'xywh', numQueries: 3, minVisible: 0.3, bucketSize: 4, ...options });
  const read = (raw: unknown, photo: Features = mirrored, options: object = {}) =>
    targetOf(options).process(raw, { training: false, modalities: { photo } });

  it('come to shares of what is seen, mirrored with the picture', () => {
    const { boxes, labels: own, corners } = read([{ box: [10, 5, 20, 10], label: 'plate' }]);
    expect([...boxes.data].map((value) => Number(value.toFixed(4)))).toEqual([0.8, 0.2, 0.2, 0.2]);
    expect([...own.data, ...corners.data]).toEqual([1, 10, 5, 30, 15]);
    expect([...read([{ box: [10, 5, 30, 15], label: 1 }], mirrored, { format: 'xyxy' }).boxes.data]).toEqual([
      ...boxes.data,
    ]);
    const folder = { bbox: [[10, 5, 20, 10]], categories: [1] };
    expect(read(folder)).toEqual(read([{ box: [10, 5, 20, 10], label: 'plate' }]));
  });

  it('are cut off where the picture is, and left out where too little of them is left', () => {
    const things = [
      [0, 0, 50, 50],
      [0, 0, 30, 50],
      [80, 0, 20, 20],
    ].map((box) => ({ box, label: 'cup' }));
    const { boxes, corners } = read(things, cropped);
    expect([...boxes.data]).toEqual([0.25, 0.5, 0.5, 1]);
    expect(corners.shape).toEqual([3, 4]);
  });

  it.each([
    ['a box of three numbers', [{ box: [1, 2, 3], label: 'cup' }], 'box 0: expected [x, y, width, height]'],
    ['NaN', [{ box: [1, 2, 3, Number.NaN], label: 'cup' }], 'four numbers in pixels'],
    ['a size of nothing', [{ box: [1, 2, 0, 3], label: 'cup' }], 'above 0'],
    ['corners in place of sizes', [{ box: [60, 20, 90, 45], label: 'cup' }], 'within the picture of 100 × 50 pixels'],
    ['an unknown label', [{ box: [1, 2, 3, 4], label: 'cups' }], 'Did you mean'],
    ['no label', [{ box: [1, 2, 3, 4] }], 'one of 3 labels'],
    ['another key', [{ bbox: [1, 2, 3, 4], label: 'cup' }], 'one with "bbox"'],
    ['more than there are queries', Array.from({ length: 4 }, () => ({ box: [1, 2, 3, 4], label: 0 })), 'numQueries'],
    ['lists of two lengths', { bbox: [[1, 2, 3, 4]], categories: [] }, 'one for each of bbox'],
    ['what is no list', 'cup', 'An empty list says'],
  ])('are refused: %s', (_, raw, message) => {
    expect(() => read(raw)).toThrow(message);
  });

  it('may be none, and need no label where there is one', () => {
    expect(read([]).boxes.shape).toEqual([0, 4]);
    const { labels: own } = read([{ box: [1, 2, 3, 4] }], mirrored, { labels: ['object'] });
    expect([...own.data]).toEqual([0]);
    expect(() => read([], {})).toThrow('photo');
  });
});

describe('average precision', () => {
  const { pictures, ...expected } = precision;
  const cornersIn = <T extends { readonly box: number[] }>(all: readonly T[]) =>
    all.map((own) => ({ ...own, corners: cornersOf(own.box as unknown as Box, 'xywh') }));
  const judged = pictures.map((own) => ({ found: cornersIn(own.found), actual: cornersIn(own.actual) }));

  it('is that of pycocotools', () => {
    const own = boxPrecision(judged)!;
    for (const [name, value] of Object.entries(expected)) expect(own[name as keyof typeof own]).toBeCloseTo(value, 9);
    expect(boxPrecision([...judged].reverse())!.averagePrecision).toBeCloseTo(own.averagePrecision, 1);
  });

  it('is 1 of all that is there, 0 of nothing that was found, and none where nothing is there', () => {
    const perfect = judged.map(({ actual }) => ({ actual, found: actual.map((own) => ({ ...own, score: 1 })) }));
    expect(boxPrecision(perfect)!.averagePrecision).toBeCloseTo(1, 12);
    expect(boxPrecision(judged.map(({ actual }) => ({ actual, found: [] })))!.averagePrecision).toBe(0);
    expect(boxPrecision([{ found: [], actual: [] }])).toBeUndefined();
  });
});
