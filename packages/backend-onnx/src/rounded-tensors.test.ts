import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { OnnxBackend } from './backend';
import { capabilitiesOf } from './capabilities';
import { compile } from './compile/compile';
import { replay } from './replay/replay';
import { useOnnx } from './testing/use-onnx';
import { isValue, type Node, type Value } from './trace';

let backend: OnnxBackend;
let x: tf.Tensor2D;
beforeAll(async () => {
  await useOnnx();
  backend = tf.backend() as OnnxBackend;
  x = tf.tensor2d([1, -2, 0, 3, 0, 1, 2, -1], [2, 4]);
});

const shape = [3, 4] as const;
const integers = Int8Array.of(127, -3, 0, 5, 1, 2, 3, -12, 0, 12, -1, 9);
const scales = Float32Array.of(0.5, 2, 0.25);
/** Products of integers and powers of two, which are exact. */
const floats = Array.from(integers, (value, i) => value * scales[Math.floor(i / 4)]!);

const rounded = (factors = scales) =>
  capabilitiesOf(backend).roundedTensor({ values: integers.slice(), scales: factors.slice() }, shape) as tf.Tensor2D;

/** y (2, 3) of x (2, 4), by a loop. */
const product = (weight: readonly number[]) =>
  [0, 1].flatMap((row) =>
    [0, 1, 2].map((output) =>
      [0, 1, 2, 3].reduce((sum, i) => sum + x.arraySync()[row]![i]! * weight[4 * output + i]!, 0),
    ),
  );

describe('a tensor of integers of 8 bits', () => {
  it('is what they stand for, held in a byte each', () => {
    const weight = rounded();
    expect([...weight.dataSync()]).toEqual(floats);
    expect([...tf.transpose(weight).dataSync()]).toEqual([...tf.transpose(tf.tensor2d(floats, [3, 4])).dataSync()]);
    expect([...tf.reshape(weight, [2, 6]).dataSync()]).toEqual(floats);
    expect([...tf.add(tf.reshape(weight, [12]), 1).dataSync()]).toEqual(floats.map((value) => value + 1));
    const { integers: held } = backend.tensorData(weight).rounded!;
    expect(held.values!.byteLength).toBe(integers.length);
  });

  it('is multiplied in products and their gradients', () => {
    const weight = tf.variable(rounded());
    const squares = (own: tf.Tensor) => tf.sum(tf.square(tf.matMul(own as tf.Tensor2D, weight, false, true)));
    const { value, grad } = tf.valueAndGrad(squares)(x);
    const y = product(floats);
    expect(value.dataSync()[0]).toBe(y.reduce((sum, one) => sum + one * one, 0));
    const expected = [0, 1].flatMap((row) =>
      [0, 1, 2, 3].map((i) =>
        [0, 1, 2].reduce((sum, output) => sum + 2 * y[3 * row + output]! * floats[4 * output + i]!, 0),
      ),
    );
    expect([...grad.dataSync()]).toEqual(expected);
  });

  it('is multiplied out anew for each product, after what that is of', () => {
    const weight = rounded();
    const product = tf.matMul(tf.relu(tf.matMul(x, weight, false, true)), weight);
    const [first, second] = nodesBefore(backend.valueInTrace(product)).filter(
      ({ operator }) => operator === 'DequantizeLinear',
    );
    expect(first).not.toBe(second);
    const operators = (node: Node) => nodesBefore(node.outputs[0]!).map(({ operator }) => operator);
    expect([first!, second!].map((node) => operators(node).includes('Relu')).sort()).toEqual([false, true]);
  });

  it('is built into compiled functions as integers, which notice that a variable has another', () => {
    const weight = tf.variable(rounded());
    const run = compile(({ x }: { x: tf.Tensor2D }) => ({ y: tf.matMul(x, weight, false, true) }));
    expect([...run({ x }).y.dataSync()]).toEqual(product(floats));
    weight.assign(rounded(Float32Array.of(1, 4, 0.5)));
    expect([...run({ x }).y.dataSync()]).toEqual(product(floats.map((value) => 2 * value)));
    run.dispose();
  });

  it('is another one in replayed steps once it is assigned', () => {
    const weight = tf.variable(rounded());
    const step = replay(({ x }: { x: tf.Tensor2D }) => ({ y: tf.matMul(x, weight, false, true) }));
    for (let i = 0; i < 6; i++) expect([...step({ x }).y.dataSync()]).toEqual(product(floats));
    weight.assign(rounded(Float32Array.of(1, 4, 0.5)));
    expect([...step({ x }).y.dataSync()]).toEqual(product(floats.map((value) => 2 * value)));
  });
});

/** All that a value is computed by. */
function nodesBefore({ node }: Value, found: Node[] = []): Node[] {
  if (node === null || found.includes(node)) return found;
  found.push(node);
  for (const input of node.inputs) if (isValue(input)) nodesBefore(input, found);
  return found;
}
