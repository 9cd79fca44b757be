import { type Fused, type HostTensor2D, inferenceContext, RandomKey, SampleError, uploadBatch } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { plainScenes } from '../scene/edition';
import { drawScene, type Scene } from '../scene/scene';
import { LayoutHead } from './layout-head';
import { type LayoutFeatures, LayoutTarget } from './layout-target';

const { colours, shapes } = plainScenes;
const target = new LayoutTarget({ colours, shapes, cells: 6, cellSize: 8 });
const widths = { colours: 1 + colours.length, shapes: shapes.length };
const width = widths.colours + widths.shapes + 2;
const scenes = Array.from({ length: 3 }, (_, index) => drawScene(plainScenes, RandomKey.from(4).fold(index)));
const features = target.collate(scenes.map((scene) => target.process(scene)));

/** Of tokens as wide as what is said of a cell: with this weight the head says what they hold. */
function echo(): LayoutHead {
  const head = new LayoutHead('image', width, target);
  head.linear.weight.assignValues(tf.eye(width).dataSync() as Float32Array);
  head.linear.bias!.assignValues(new Float32Array(width));
  return head;
}

function fusedOf(tokens: tf.Tensor3D): Fused {
  const [size, length, width] = tokens.shape;
  const mask = tf.ones<tf.Rank.R2>([size, length]);
  const pooled = tf.zeros<tf.Rank.R2>([size, width]);
  const rows = Int32Array.from({ length: size }, (_, row) => row);
  return { tokens, mask, pooled, encoded: { image: { tokens, mask, pooled, rows } } };
}

/** What a picture of these scenes shows, colours and shapes as sure as the logit says. */
function seen({ colours, shapes, places }: LayoutFeatures, logit: number): tf.Tensor3D {
  const hot = ({ data, shape }: HostTensor2D, depth: number) =>
    tf.mul<tf.Tensor3D>(tf.oneHot(tf.tensor2d(Int32Array.from(data), [...shape], 'int32'), depth), logit);
  return tf.concat(
    [
      hot(colours, widths.colours),
      hot(shapes, widths.shapes),
      tf.tensor3d(places.data as Float32Array, [...places.shape]),
    ],
    2,
  );
}

const round = ({ objects }: { readonly objects: Scene['objects'] }) =>
  objects.map(({ colour, shape, x, y }) => `${colour} ${shape} ${x.toFixed(3)} ${y.toFixed(3)}`).sort();

describe('LayoutHead', () => {
  it('says which objects a picture has, and where, as its tokens show them', () => {
    const head = echo();
    const output = head.forward({ fused: fusedOf(seen(features, 9)), parent: undefined });
    const { colours, shapes, places } = head.scores(output);
    const host = (tensor: tf.Tensor) => ({ data: tensor.dataSync() as Float32Array, shape: tensor.shape });
    const answers = head.answers({ colours: host(colours), shapes: host(shapes), places: host(places) });
    answers.forEach((objects, row) => expect(round({ objects: objects as never })).toEqual(round(scenes[row])));
    const rows = scenes.map((scene) => target.process(scene));
    expect(head.evaluate(answers, rows)).toEqual({ found: 1 });
    expect(head.evaluate([[], answers[1], answers[1]], rows)).toEqual({ found: 1 / 3 });
  });

  it('learns the colour of each cell, and of objects the shape and the place', () => {
    const head = echo();
    const layout = {
      rows: Int32Array.of(0, 2),
      features: target.collate([scenes[0], scenes[2]].map((own) => target.process(own))),
    };
    const wanted = uploadBatch({ size: 3, modalities: {}, targets: { layout } }).targets;
    const elsewhere = tf.concat([tf.zeros([3, 36, width - 2]), tf.fill([3, 36, 2], 0.25)], 2);
    const output = head.forward({ fused: fusedOf(tf.add(seen(features, 2), elsewhere)), parent: undefined });
    const { colour, shape, place } = head.loss(wanted.layout as never);
    expect([colour.count, shape.count, place.count]).toEqual([6, 6, 6]); // three objects in each of two scenes
    const surprise = (classes: number) => Math.log(Math.exp(2) + classes - 1) - 2;
    const value = ({ sum }: typeof colour) => sum(output, inferenceContext()).dataSync()[0];
    expect(value(colour)).toBeCloseTo(72 * surprise(widths.colours), 3); // of all cells
    expect(value(shape)).toBeCloseTo(6 * surprise(widths.shapes), 4);
    expect(value(place)).toBeCloseTo(6 * 2 * 0.25, 5);
    expect(head.loss(undefined)).toEqual({});
  });

  it('tells places in the picture, in half cells from its middle', () => {
    const [first] = scenes[0].objects;
    const { places } = target.process({ objects: [first] });
    const cell = Math.floor(first.y / 8) * 6 + Math.floor(first.x / 8);
    expect(places.data[2 * cell]).toBeCloseTo((first.x - 24) / 4, 5);
    expect(places.data[2 * cell + 1]).toBeCloseTo((first.y - 24) / 4, 5);
  });

  it('takes scenes alone', () => {
    expect(() => target.process('a scene' as never)).toThrow(SampleError);
  });
});
