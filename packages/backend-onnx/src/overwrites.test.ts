import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { OnnxBackend } from './backend';
import { ElementType } from './onnx/element-type';
import { overwritableInputs } from './overwrites';
import { registerOnnxBackend } from './register-onnx-backend';
import { Trace, type Value } from './trace';

function floatInput(trace: Trace, ...shape: number[]): Value {
  return trace.input(new Float32Array(shape.reduce((a, b) => a * b, 1)), ElementType.float32, shape);
}

describe('an output written in the memory of an input', () => {
  it('replaces the one that only its own element-wise update reads', () => {
    const trace = new Trace();
    const [moment, gradient] = [floatInput(trace, 3), floatInput(trace, 3)];
    const decayed = trace.add('Mul', [moment, { values: [0.9], type: ElementType.float32, shape: [] }], [3]);
    const updated = trace.add('Add', [decayed, gradient], [3]);
    const loss = trace.add('ReduceSum', [gradient], []);
    expect(overwritableInputs(trace.nodes, trace.inputs, [updated, loss])).toEqual([0, -1]);
  });

  it('is not taken while another node may still read it, through a view or not', () => {
    const trace = new Trace();
    const [x, y] = [floatInput(trace, 4), floatInput(trace, 4)];
    const view = trace.reshape(x, [2, 2]);
    const outputs = [trace.add('Add', [x, y], [4]), trace.add('Exp', [view], [2, 2]), trace.add('Neg', [y], [4])];
    expect(overwritableInputs(trace.nodes, trace.inputs, outputs)).toEqual([-1, -1, -1]);
  });

  it('is not taken by a node that reads it other than element by element', () => {
    const trace = new Trace();
    const x = floatInput(trace, 2, 2);
    const square = trace.add('MatMul', [x, x], [2, 2]);
    expect(overwritableInputs(trace.nodes, trace.inputs, [square])).toEqual([-1]);
    const next = trace.add('Neg', [square], [2, 2]);
    expect(overwritableInputs(trace.nodes, trace.inputs, [next])).toEqual([0]); // all is read by then
  });

  it('goes to one output only', () => {
    const trace = new Trace();
    const x = floatInput(trace, 2);
    const sum = trace.add('Add', [x, x], [2]);
    expect(overwritableInputs(trace.nodes, trace.inputs, [trace.add('Neg', [sum], [2]), sum])).toEqual([0, -1]);
  });
});

describe('a loop that replaces its state', () => {
  let backend: OnnxBackend;
  beforeAll(async () => {
    backend = registerOnnxBackend();
    await tf.setBackend('onnx');
  });

  it('computes the same in place, and takes no second array', () => {
    const size = 1000;
    const initial = tf.tensor1d(new Float32Array(size).fill(1));
    const state = tf.variable(initial, false);
    initial.dispose(); // or its values would be held
    const outside = tf.tensor1d(new Float32Array(size).fill(2));
    const array = () => backend.tensorData(state).values;
    const first = array();
    for (let step = 1; step <= 3; step++) {
      tf.tidy(() => state.assign(tf.add(tf.mul(state, 3), outside)));
      backend.flush();
      expect(array()).toBe(first);
      expect(state.dataSync()[size - 1]).toBe(2 * 3 ** step - 1); // x ← 3x + 2
    }
    tf.dispose([state, outside]);
  });

  it('leaves alone what somebody still holds', () => {
    const x = tf.tensor1d([1, 2, 3]);
    const held = x.clone();
    const next = tf.add(x, 1);
    x.dispose();
    expect([...next.dataSync()]).toEqual([2, 3, 4]);
    expect([...held.dataSync()]).toEqual([1, 2, 3]);
    tf.dispose([held, next]);
  });
});
