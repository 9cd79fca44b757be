import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { OnnxBackend } from './backend';
import { capabilitiesOf } from './capabilities';
import { compile } from './compile/compile';
import { registerOnnxBackend } from './register-onnx-backend';
import { replay } from './replay/replay';

let backend: OnnxBackend;

beforeAll(() => {
  backend = registerOnnxBackend();
});

beforeEach(() => tf.setBackend('onnx'));

/** Three halves of one kind. @param separate is called between them */
function halves(x: tf.Tensor, separate: () => void): tf.Tensor {
  return [0, 1, 2].reduce((value) => {
    separate();
    return tf.tidy(() => tf.add(tf.mul(value, 0.5), tf.exp(tf.neg(value)))); // what is freed is no part of what follows
  }, x);
}

const separate = () => capabilitiesOf(backend).separate();
const closed = (x: number) => [0, 1, 2].reduce((value) => value / 2 + Math.exp(-value), x);

it('makes one program of parts that are alike', () => {
  const before = backend.statistics();
  const [value] = tf.tidy(() => halves(tf.tensor1d([0.75, 0.5, 0.25]), separate).dataSync());
  expect(value).toBeCloseTo(closed(0.75), 6);
  const { runs, compilations } = backend.statistics();
  expect([runs - before.runs, compilations - before.compilations]).toEqual([3, 1]);
});

it('does nothing where nothing is recorded', () => {
  const { runs } = backend.statistics();
  separate();
  separate();
  expect(backend.statistics().runs).toBe(runs);
});

it('has a step that asks for it recorded each time, and says nothing of it', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const weight = tf.variable(tf.tensor1d([0.5, 1]));
  const step = replay(({ x }: { x: tf.Tensor }) => {
    const made = halves(tf.mul(x, weight), separate);
    weight.assign(tf.sub(weight, tf.mul(made, 0.1)));
    return tf.sum(made);
  });
  let expected = [0.5, 1];
  for (let call = 0; call < 4; call++) {
    const made = expected.map((own, i) => closed(own * (i + 1 + call)));
    const sum = tf.tidy(() => step({ x: tf.tensor1d([1 + call, 2 + call]) }).dataSync()[0]);
    expect(sum).toBeCloseTo(made[0] + made[1], 5);
    expected = expected.map((own, i) => own - 0.1 * made[i]);
  }
  expect(step.statistics()).toMatchObject({ replayed: 0, recorded: 4 });
  expect(warn).not.toHaveBeenCalled();
  weight.dispose();
  warn.mockRestore();
});

it('does nothing within what is compiled as a whole', () => {
  const compiled = compile(({ x }: tf.NamedTensorMap) => halves(x!, separate));
  expect(tf.tidy(() => (compiled({ x: tf.tensor1d([0.75]) }) as tf.Tensor).dataSync()[0])).toBeCloseTo(closed(0.75), 6);
  compiled.dispose();
});
