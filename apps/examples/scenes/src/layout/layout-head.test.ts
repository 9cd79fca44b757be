import { type Fused, inferenceContext, RandomKey, SampleError, uploadBatch } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { plainScenes } from '../scene/edition';
import { drawScene, type Scene } from '../scene/scene';
import { LayoutHead } from './layout-head';
import { type LayoutFeatures, LayoutTarget } from './layout-target';

const { colours, shapes } = plainScenes;
const target = new LayoutTarget({ colours, shapes, cells: 6, cellSize: 8 });
const classes = 1 + colours.length * shapes.length;
const scenes = Array.from({ length: 3 }, (_, index) => drawScene(plainScenes, RandomKey.from(4).fold(index)));
const features = target.collate(scenes.map((scene) => target.process(scene)));

/** Of tokens as wide as what is said of a cell: with this weight the head says what they hold. */
function echo(): LayoutHead {
  const head = new LayoutHead('image', classes + 2, target);
  const identity = tf.eye(classes + 2).dataSync();
  head.linear.weight.assignValues(identity as Float32Array);
  head.linear.bias!.assignValues(new Float32Array(classes + 2));
  return head;
}

function fusedOf(tokens: tf.Tensor3D): Fused {
  const [size, length, width] = tokens.shape;
  const mask = tf.ones<tf.Rank.R2>([size, length]);
  const pooled = tf.zeros<tf.Rank.R2>([size, width]);
  const rows = Int32Array.from({ length: size }, (_, row) => row);
  return { tokens, mask, pooled, encoded: { image: { tokens, mask, pooled, rows } } };
}

/** What a picture of these scenes shows, each class as sure as the logit says. */
function seen({ classes: kinds, places }: LayoutFeatures, logit: number): tf.Tensor3D {
  const hot = tf.mul(tf.oneHot(tf.tensor2d(Int32Array.from(kinds.data), [...kinds.shape], 'int32'), classes), logit);
  return tf.concat<tf.Tensor3D>([hot as tf.Tensor3D, tf.tensor3d(places.data as Float32Array, [...places.shape])], 2);
}

const round = ({ objects }: { readonly objects: Scene['objects'] }) =>
  objects.map(({ colour, shape, x, y }) => `${colour} ${shape} ${x.toFixed(3)} ${y.toFixed(3)}`).sort();

describe('LayoutHead', () => {
  it('says which objects a picture has, and where, as its tokens show them', () => {
    const head = echo();
    const output = head.forward({ fused: fusedOf(seen(features, 9)), parent: undefined });
    const { kinds, places } = head.scores(output);
    const host = (tensor: tf.Tensor) => ({ data: tensor.dataSync() as Float32Array, shape: tensor.shape });
    const answers = head.answers({ kinds: host(kinds), places: host(places) });
    answers.forEach((objects, row) => expect(round({ objects: objects as never })).toEqual(round(scenes[row])));
    const rows = scenes.map((scene) => target.process(scene));
    expect(head.evaluate(answers, rows)).toEqual({ found: 1 });
    expect(head.evaluate([[], answers[1], answers[1]], rows)).toEqual({ found: 1 / 3 });
  });

  it('learns the class of each cell, and of objects the place', () => {
    const head = echo();
    const layout = {
      rows: Int32Array.of(0, 2),
      features: target.collate([scenes[0], scenes[2]].map((own) => target.process(own))),
    };
    const wanted = uploadBatch({ size: 3, modalities: {}, targets: { layout } }).targets;
    const tokens = tf.add<tf.Tensor3D>(
      seen(features, 2),
      tf.concat([tf.zeros([3, 36, classes]), tf.fill([3, 36, 2], 0.25)], 2),
    );
    const output = head.forward({ fused: fusedOf(tokens), parent: undefined });
    const { object, place } = head.loss(wanted.layout as never);
    expect([object.count, place.count]).toEqual([6, 6]); // three objects in each of two scenes
    const surprise = Math.log(Math.exp(2) + classes - 1) - 2; // of a cell
    expect(object.sum(output, inferenceContext()).dataSync()[0]).toBeCloseTo(72 * surprise, 3);
    expect(place.sum(output, inferenceContext()).dataSync()[0]).toBeCloseTo(6 * 2 * 0.25, 5);
    expect(head.loss(undefined)).toEqual({});
  });

  it('takes scenes alone', () => {
    expect(() => target.process('a scene' as never)).toThrow(SampleError);
  });
});
