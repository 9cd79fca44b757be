import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { Random } from '../kernels/cases/random';
import { expectClose } from '../testing/same-as-cpu';

const draw = (seed: number, shape: number[]) => tf.tensor([...new Random(seed).floats(shape, -1, 1).values], shape);
const seeded = (seed: number) => tf.initializers.glorotUniform({ seed });
const classes = (count: number, seed: number) =>
  tf.oneHot(tf.tensor1d([...new Random(seed).integers([count], 0, 2).values], 'int32'), 3);

/** Losses of a few epochs, then what the model predicts and its weights. */
async function fit(model: tf.Sequential, x: tf.Tensor, y: tf.Tensor): Promise<number[]> {
  model.compile({ optimizer: tf.train.adam(0.02), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  const { history } = await model.fit(x, y, { epochs: 3, batchSize: 4, shuffle: false, verbose: 0 });
  const losses = history.loss as number[];
  expect(losses[2]).toBeLessThan(losses[0]!);
  const evaluated = model.evaluate(x, y, { verbose: 0 }) as tf.Scalar[];
  const tensors = [model.predict(x) as tf.Tensor, ...evaluated, ...model.getWeights()];
  return [...losses, ...(history.acc as number[]), ...tensors.flatMap((tensor) => [...tensor.dataSync()])];
}

describe('a model of tf.layers trains to the same losses and weights as on the cpu backend', () => {
  // Both sides sum in another order, and Adam divides by small square roots: 1e-4 after a dozen steps.
  it('with convolutions, batch normalisation, pooling and dropout', () =>
    expectClose(() => {
      const model = tf.sequential({
        layers: [
          // A bias before the normalisation has no gradient but rounding errors, which Adam would blow up.
          tf.layers.conv2d({
            inputShape: [8, 8, 1],
            filters: 4,
            kernelSize: 3,
            useBias: false,
            kernelInitializer: seeded(1),
          }),
          tf.layers.batchNormalization(),
          tf.layers.activation({ activation: 'relu' }),
          tf.layers.maxPooling2d({ poolSize: 2 }),
          tf.layers.separableConv2d({
            filters: 6,
            kernelSize: 2,
            depthwiseInitializer: seeded(2),
            pointwiseInitializer: seeded(3),
          }),
          tf.layers.dropout({ rate: 0.2, seed: 5 }),
          tf.layers.flatten(),
          tf.layers.dense({ units: 3, activation: 'softmax', kernelInitializer: seeded(4) }),
        ],
      });
      return fit(model, draw(10, [12, 8, 8, 1]), classes(12, 11));
    }, 1e-4));

  it('with embeddings, an LSTM and a GRU in both directions', () =>
    expectClose(() => {
      const gru = tf.layers.gru({
        units: 4,
        kernelInitializer: seeded(3),
        recurrentInitializer: seeded(4),
      }) as tf.RNN;
      const model = tf.sequential({
        layers: [
          tf.layers.embedding({ inputDim: 9, outputDim: 5, inputLength: 4, embeddingsInitializer: seeded(6) }),
          tf.layers.lstm({
            units: 5,
            returnSequences: true,
            kernelInitializer: seeded(1),
            recurrentInitializer: tf.initializers.orthogonal({ seed: 2 }),
          }),
          tf.layers.bidirectional({ layer: gru, mergeMode: 'concat' }),
          tf.layers.layerNormalization(),
          tf.layers.dense({ units: 3, activation: 'softmax', kernelInitializer: seeded(5) }),
        ],
      });
      const ids = tf.tensor2d([...new Random(8).integers([8, 4], 0, 8).values], [8, 4]);
      return fit(model, ids, classes(8, 9));
    }, 1e-4));
});

describe('tf.loadGraphModel', () => {
  const float = { type: 'DT_FLOAT' };
  const constant = (name: string, shape: number[]) => ({
    name,
    op: 'Const',
    attr: {
      dtype: float,
      value: { tensor: { dtype: 'DT_FLOAT', tensorShape: { dim: shape.map((size) => ({ size: String(size) })) } } },
    },
  });
  const placeholder = { dim: [{ size: '-1' }, { size: '3' }] };
  const topology = {
    versions: { producer: 1 },
    node: [
      { name: 'x', op: 'Placeholder', attr: { dtype: float, shape: { shape: placeholder } } },
      constant('weight', [3, 2]),
      constant('bias', [2]),
      { name: 'product', op: 'MatMul', input: ['x', 'weight'], attr: { T: float } },
      { name: 'sum', op: 'BiasAdd', input: ['product', 'bias'], attr: { T: float } },
      { name: 'active', op: 'Relu', input: ['sum'], attr: { T: float } },
      { name: 'isPositive', op: 'Greater', input: ['active', 'bias'], attr: { T: float } },
      { name: 'places', op: 'Where', input: ['isPositive'] },
    ],
  };
  const artifacts: tf.io.ModelArtifacts = {
    format: 'graph-model',
    modelTopology: topology,
    weightSpecs: [
      { name: 'weight', shape: [3, 2], dtype: 'float32' },
      { name: 'bias', shape: [2], dtype: 'float32' },
    ],
    weightData: Float32Array.of(1, -1, 2, 0.5, -3, 1, 0.25, -0.5).buffer,
  };

  it('runs a graph, and one whose shapes depend on values', async () => {
    const values = await expectClose(async () => {
      const model = await tf.loadGraphModel(tf.io.fromMemory(artifacts));
      const x = tf.tensor2d([1, 2, 3, -1, 0, -2], [2, 3]);
      const active = model.execute({ x }, 'active') as tf.Tensor;
      const places = (await model.executeAsync({ x }, 'places')) as tf.Tensor;
      return [...active.dataSync(), ...places.shape, ...places.dataSync()];
    });
    // By hand: x · weight + bias = [[-3.75, 2.5], [5.25, -1.5]]; positive beyond the bias where (0, 1), (1, 0), (1, 1).
    expect(values).toEqual([0, 2.5, 5.25, 0, 3, 2, 0, 1, 1, 0, 1, 1]);
  });
});
