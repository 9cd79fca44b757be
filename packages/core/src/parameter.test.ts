import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { ShapeError, StateError } from './errors';
import { Parameter } from './parameter';

const zeros = (shape: readonly number[]) => new Float32Array(shape.reduce((product, length) => product * length, 1));

describe('Parameter', () => {
  it('has no value until it gets one, and says what to do', () => {
    const parameter = new Parameter([2], zeros);
    expect(parameter.isInitialized).toBe(false);
    expect(() => parameter.value).toThrow(StateError);
    expect(() => parameter.value).toThrow('parameter of shape [2]: expected a value');
  });

  it('keeps its variable when it gets another value, so that an optimiser goes on with the same one', () => {
    const parameter = new Parameter([2], zeros);
    parameter.assignValues(Float32Array.of(1, 2));
    const { value } = parameter;
    parameter.assignValues(Float32Array.of(3, 4));
    expect(parameter.value).toBe(value);
    expect([...value.dataSync()]).toEqual([3, 4]);
  });

  it('copies: the array and the tensor that it was given stay the caller’s', () => {
    const parameter = new Parameter([2], zeros);
    const array = Float32Array.of(1, 2);
    parameter.assignValues(array);
    array.fill(9);
    expect([...parameter.value.dataSync()]).toEqual([1, 2]);
    const tensor = tf.tensor1d([5, 6]);
    parameter.assign(tensor);
    tensor.dispose();
    expect([...parameter.value.dataSync()]).toEqual([5, 6]);
  });

  it('refuses values that do not fit', () => {
    const parameter = new Parameter([2, 3], zeros);
    expect(() => parameter.assignValues(new Float32Array(5))).toThrow('expected 6 values for shape [2,3], received 5');
    expect(() => parameter.assign(tf.zeros([3, 2]))).toThrow(ShapeError);
    expect(() => parameter.assign(tf.zeros([3, 2]))).toThrow('expected shape [2,3], received [3,2]');
  });

  it('may be a scalar or empty', () => {
    const scalar = new Parameter([], zeros);
    scalar.assignValues(Float32Array.of(3));
    expect([scalar.size, scalar.value.rank]).toEqual([1, 0]);
    const empty = new Parameter([0, 4], zeros);
    empty.assignValues(new Float32Array(0));
    expect([empty.size, empty.value.shape]).toEqual([0, [0, 4]]);
  });

  it('holds one tensor, and frees it', () => {
    const before = tf.memory().numTensors;
    const parameter = new Parameter([2], zeros);
    parameter.assignValues(Float32Array.of(1, 2));
    parameter.assignValues(Float32Array.of(1, 2));
    expect(tf.memory().numTensors).toBe(before + 1);
    parameter.dispose();
    parameter.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('survives a tf.tidy that it gets its first value in', () => {
    const parameter = new Parameter([1], zeros);
    tf.tidy(() => parameter.assignValues(Float32Array.of(4)));
    expect([...parameter.value.dataSync()]).toEqual([4]);
  });
});
