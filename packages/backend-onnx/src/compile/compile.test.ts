import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { CaptureError } from '../errors';
import { registerOnnxBackend } from '../register-onnx-backend';
import {
  attention,
  convolutionalNetwork,
  draw,
  type ExportCase,
  multiLayerPerceptron,
} from '../testing/exported-models';
import { compile } from './compile';

beforeAll(async () => {
  registerOnnxBackend();
  await tf.setBackend('onnx');
});

/** 1e-6 is what another order of summation leaves: the same kernels run on the same numbers. */
function expectSame(actual: tf.Tensor | tf.NamedTensorMap, expected: tf.Tensor | tf.NamedTensorMap): void {
  const [one, other] = [actual, expected].map((result) => (result instanceof tf.Tensor ? { output: result } : result));
  expect(Object.keys(one!)).toEqual(Object.keys(other!));
  for (const [name, tensor] of Object.entries(other!)) {
    expect(one![name]!.shape).toEqual(tensor.shape);
    expect(one![name]!.dtype).toBe(tensor.dtype);
    const values = one![name]!.dataSync();
    tensor.dataSync().forEach((value, i) => expect(Math.abs(values[i]! - value)).toBeLessThanOrEqual(1e-6));
  }
}

describe('a compiled function', () => {
  it.each<[string, () => ExportCase]>([
    ['a multi-layer perceptron', multiLayerPerceptron],
    ['a convolutional network', convolutionalNetwork],
    ['causal attention', attention],
  ])('computes the same as the function itself: %s', (_, make) => {
    const { fn, others } = make();
    const compiled = compile(fn);
    for (const inputs of [...others(), ...others()]) expectSame(compiled(inputs), fn(inputs));
    const { compilations, programs, runs } = compiled.statistics();
    expect({ compilations, programs, runs }).toEqual({
      compilations: others().length,
      programs: others().length,
      runs: 2 * others().length,
    });
    compiled.dispose();
    expect(compiled.statistics().programs).toBe(0);
  });

  it('is compiled anew when a variable that it uses has been assigned, and not for others', () => {
    const [weight, other] = [tf.variable(draw([3, 3], 0)), tf.variable(tf.scalar(1))];
    const fn = ({ x }: tf.NamedTensorMap) => tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D);
    const [compiled, x] = [compile(fn), draw([2, 3], 1)];
    expectSame(compiled({ x }), fn({ x }));
    other.assign(tf.scalar(2));
    compiled({ x });
    expect(compiled.statistics()).toMatchObject({ compilations: 1, invalidations: 0 });
    weight.assign(draw([3, 3], 5));
    expectSame(compiled({ x }), fn({ x }));
    expect(compiled.statistics()).toMatchObject({ programs: 1, compilations: 2, invalidations: 1 });
  });

  it('notices the assignment also where the function only reads the variable on the host', () => {
    const scale = tf.variable(tf.scalar(2));
    const compiled = compile(({ x }: tf.NamedTensorMap) => tf.mul(x!, scale.dataSync()[0]!));
    const x = tf.tensor1d([1, 2]);
    expect([...(compiled({ x }) as tf.Tensor).dataSync()]).toEqual([2, 4]);
    scale.assign(tf.scalar(3));
    expect([...(compiled({ x }) as tf.Tensor).dataSync()]).toEqual([3, 6]);
  });

  it('keeps its constants apart from the arrays of tensors that were disposed', () => {
    const compiled = compile(({ x }: tf.NamedTensorMap) => tf.add(x!, tf.tensor1d(new Float32Array(40).fill(7))));
    const x = tf.zeros([40]);
    for (let i = 0; i < 5; i++) {
      tf.tidy(() => tf.tensor1d(new Float32Array(40).fill(i)).add(1).dataSync());
      expect((compiled({ x }) as tf.Tensor).dataSync()[39]).toBe(7);
    }
  });

  it('keeps a bounded number of programs, those used last', () => {
    const compiled = compile(({ x }: tf.NamedTensorMap) => tf.exp(x!), { maxPrograms: 2 });
    for (const length of [1, 2, 1, 3, 1]) compiled({ x: tf.ones([length]) });
    expect(compiled.statistics()).toMatchObject({ programs: 2, compilations: 3 });
    compiled({ x: tf.ones([2]) });
    expect(compiled.statistics()).toMatchObject({ programs: 2, compilations: 4 });
  });

  it('fills batches up to the sizes given', () => {
    const { fn } = multiLayerPerceptron();
    const compiled = compile(fn, { batchSizes: [8, 2] });
    for (const rows of [1, 2, 3, 8, 5, 11])
      expectSame(compiled({ x: draw([rows, 6], rows) }), fn({ x: draw([rows, 6], rows) }));
    expect(compiled.statistics()).toMatchObject({ programs: 3, compilations: 3 });
    const total = compile(({ x }: tf.NamedTensorMap) => tf.sum(x!), { batchSizes: [4] });
    expect(() => total({ x: tf.ones([3, 2]) })).toThrow(CaptureError);
    expect(() => total({ x: tf.scalar(1) })).toThrow(/first axis/);
  });

  it('leaves no tensors behind and gives its result to a tidy', () => {
    const compiled = compile(multiLayerPerceptron().fn);
    const x = draw([3, 6], 1);
    compiled({ x });
    const before = tf.memory();
    tf.tidy(() => void compiled({ x }));
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
  });

  it('refuses a function that reads values, writes variables or draws random numbers, and leaves variables as they were', () => {
    const variable = tf.variable(tf.scalar(3));
    const x = tf.ones([4]);
    const cases: [(inputs: tf.NamedTensorMap) => tf.Tensor, RegExp][] = [
      [({ x }) => tf.mul(x!, tf.max(x!).dataSync()[0]!), /reads values/],
      [({ x }) => tf.unique(x!).values, /reads values.*Unique/],
      [({ x }) => tf.mul(x!, variable.assign(tf.scalar(5)) ?? variable), /writes variables/],
      [({ x }) => tf.mul(x!, tf.variable(tf.scalar(1))), /writes variables/],
      [({ x }) => tf.mul(x!, tf.randomUniform([4])), /not the same at every call/],
    ];
    for (const [fn, message] of cases) expect(() => compile(fn)({ x })).toThrow(message);
    expect(variable.dataSync()[0]).toBe(3);
    expect([...tf.exp(tf.zeros([1])).dataSync()]).toEqual([1]);
  });
});

describe('a donated input', () => {
  const write = ({ cache, place, row }: tf.NamedTensorMap) => {
    const next = tf.tensorScatterUpdate(cache as tf.Tensor, place as tf.Tensor, row as tf.Tensor);
    return { next, sum: tf.sum(next) };
  };
  const inputs = (cache: tf.Tensor, slot: number) => ({
    cache,
    place: tf.tensor2d([[slot]], [1, 1], 'int32'),
    row: tf.fill([1, 3], slot + 1),
  });

  it('is written in place where an output is the input with slices replaced, and disposed', () => {
    const compiled = compile(write, { donate: { cache: 'next' } });
    const backend = registerOnnxBackend();
    const cache = tf.tensor2d(new Float32Array(12), [4, 3]);
    const array = backend.tensorData(cache).values;
    const first = compiled(inputs(cache, 2)) as { next: tf.Tensor; sum: tf.Tensor };
    const second = compiled(inputs(first.next, 0)) as { next: tf.Tensor; sum: tf.Tensor };
    expect(backend.tensorData(second.next).values).toBe(array);
    expect([...second.next.dataSync()]).toEqual([1, 1, 1, 0, 0, 0, 3, 3, 3, 0, 0, 0]);
    expect([first.sum.dataSync()[0], second.sum.dataSync()[0]]).toEqual([9, 12]);
    expect([cache.isDisposed, first.next.isDisposed]).toEqual([true, true]);
    compiled.dispose();
  });

  it('keeps its values where another tensor shares them', () => {
    const compiled = compile(write, { donate: { cache: 'next' } });
    const cache = tf.tensor2d(new Float32Array(12), [4, 3]);
    const copy = cache.clone();
    const { next } = compiled(inputs(cache, 1)) as { next: tf.Tensor };
    expect(copy.dataSync().every((value) => value === 0)).toBe(true);
    expect([...next.dataSync()].slice(3, 6)).toEqual([2, 2, 2]);
    compiled.dispose();
  });

  it('keeps its values for what is recorded and has not run', () => {
    const compiled = compile(write, { donate: { cache: 'next' } });
    const cache = tf.tensor2d(new Float32Array(12), [4, 3]);
    const pending = tf.add(cache, 1);
    const { next } = compiled(inputs(cache, 1)) as { next: tf.Tensor };
    expect(pending.dataSync().every((value) => value === 1)).toBe(true);
    expect([...next.dataSync()].slice(3, 6)).toEqual([2, 2, 2]);
    compiled.dispose();
  });

  it('keeps its values where the function reads it a second time', () => {
    const both = (named: tf.NamedTensorMap) => ({ ...write(named), before: tf.sum(named.cache!) });
    const compiled = compile(both, { donate: { cache: 'next' } });
    const { before, next } = compiled(inputs(tf.ones([4, 3]), 1)) as { before: tf.Tensor; next: tf.Tensor };
    expect(before.dataSync()[0]).toBe(12);
    expect([...next.dataSync()].slice(0, 6)).toEqual([1, 1, 1, 2, 2, 2]);
    compiled.dispose();
  });
});
