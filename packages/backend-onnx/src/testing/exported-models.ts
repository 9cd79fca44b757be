import * as tf from '@tensorflow/tfjs-core';
import type { ExportOptions } from '../export/export-onnx';

/** A function to export in tests, with what it takes. */
export interface ExportCase {
  readonly fn: (inputs: tf.NamedTensorMap) => tf.Tensor | tf.NamedTensorMap;
  readonly example: tf.NamedTensorMap;
  readonly options: Omit<ExportOptions, 'path'>;
  /** Inputs of sizes that were not traced. */
  readonly others: () => tf.NamedTensorMap[];
}

/** Numbers between −1 and 1 that look random and are the same at every call. */
export function draw(shape: number[], seed: number): tf.Tensor {
  const length = tf.util.sizeFromShape(shape);
  return tf.tensor(
    Float32Array.from({ length }, (_, i) => Math.sin(12.9898 * (i + 1) + 78.233 * seed) * Math.cos(0.37 * i)),
    shape,
  );
}

/** A multi-layer perceptron with three layers. */
export function multiLayerPerceptron(): ExportCase {
  const [w1, b1, w2, b2] = [[6, 20], [20], [20, 4], [4]].map((shape, i) => tf.variable(draw(shape, i)));
  return {
    fn: ({ x }) => tf.softmax(tf.add(tf.matMul(tf.relu(tf.add(tf.matMul(x!, w1!), b1!)), w2!), b2!)),
    example: { x: draw([4, 6], 9) },
    options: {},
    others: () => [1, 2, 7, 40].map((batch) => ({ x: draw([batch, 6], batch) })),
  };
}

/** Convolutions of several kinds, pooling and a classifier. */
export function convolutionalNetwork(): ExportCase {
  const shapes = [[3, 3, 2, 8], [8], [3, 3, 8, 2], [2, 2, 16, 8], [7, 7, 2, 4], [3 * 3 * 8, 5]];
  const [w1, b1, depthwise, tiles, wide, dense] = shapes.map((shape, i) => tf.variable(tf.mul(draw(shape, i), 0.3)));
  return {
    fn: ({ image }) => {
      const batch = image!.shape[0]!;
      const x = tf.add(tf.conv2d(image as tf.Tensor4D, w1 as tf.Tensor4D, 1, 'same'), b1!) as tf.Tensor4D;
      const pooled = tf.maxPool(tf.relu(x), 2, 2, 'same');
      const deep = tf.depthwiseConv2d(pooled, depthwise as tf.Tensor4D, 1, 'same');
      const small = tf.conv2d(deep, tiles as tf.Tensor4D, 2, 'valid');
      const features = tf.conv2d(image as tf.Tensor4D, wide as tf.Tensor4D, 2, 'same');
      return {
        logits: tf.matMul(tf.reshape(small, [batch, 3 * 3 * 8]), dense as tf.Tensor2D),
        features: tf.mean(tf.avgPool(features, 2, 2, 'valid'), [1, 2]),
      };
    },
    example: { image: draw([2, 12, 12, 2], 1) },
    options: {},
    others: () => [1, 3, 8].map((batch) => ({ image: draw([batch, 12, 12, 2], batch) })),
  };
}

/** Embedded tokens through causal masked self-attention, with positions as a table and as a range. */
export function attention(): ExportCase {
  const [vocabulary, width, heads, maxLength] = [11, 8, 2, 24];
  const shapes = [
    [vocabulary, width],
    [maxLength, width],
    [width, 3 * width],
    [width, width],
  ];
  const [tokens, positions, qkv, out] = shapes.map((shape, i) => tf.variable(draw(shape, i)));
  return {
    fn: ({ ids, mask }) => {
      const [batch, length] = ids!.shape as [number, number];
      const embedded = tf.reshape(tf.gather(tokens!, tf.reshape(ids!, [-1])), [batch, length, width]);
      const x = tf.add(embedded, tf.slice(positions!, [0, 0], [length, width]));
      const split = tf.transpose(
        tf.reshape(tf.matMul(tf.reshape(x, [-1, width]), qkv as tf.Tensor2D), [batch, length, 3, heads, width / heads]),
        [2, 0, 3, 1, 4],
      );
      const [q, k, v] = tf.unstack(split) as [tf.Tensor, tf.Tensor, tf.Tensor];
      const order = tf.range(0, length);
      const future = tf.greater(tf.expandDims(order, 0), tf.expandDims(order, 1)); // (N, N)
      const blocked = tf.mul(
        tf.add(tf.cast(future, 'float32'), tf.reshape(tf.sub(1, mask!), [batch, 1, 1, length])),
        -1e9,
      );
      const weights = tf.softmax(tf.add(tf.mul(tf.matMul(q, k, false, true), (width / heads) ** -0.5), blocked));
      const merged = tf.reshape(tf.transpose(tf.matMul(weights, v), [0, 2, 1, 3]), [batch, length, width]);
      const attended = tf.reshape(tf.matMul(tf.reshape(merged, [-1, width]), out as tf.Tensor2D), [
        batch,
        length,
        width,
      ]);
      const counted = tf.mul(attended, tf.ones([batch, length, 1]));
      return { tokens: attended, pooled: tf.div(tf.sum(counted, 1), length) };
    },
    example: { ids: tf.zeros([3, 9], 'int32'), mask: tf.ones([3, 9]) },
    options: { dynamicAxes: { ids: { 0: 'batch', 1: 'sequence' }, mask: { 0: 'batch', 1: 'sequence' } } },
    others: () =>
      [
        [1, 1],
        [1, 12],
        [6, 5],
        [2, 24],
      ].map(([batch, length]) => ({
        ids: tf.cast(tf.floor(tf.mul(tf.abs(draw([batch!, length!], 3)), vocabulary - 0.5)), 'int32'),
        mask: tf.tile(tf.cast(tf.greater(tf.range(length!, 0, -1), 0.3 * length!), 'float32').expandDims(0), [
          batch!,
          1,
        ]),
      })),
  };
}
