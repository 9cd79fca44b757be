import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { UnifiedGraph, ValueType } from '../export/unify-graphs';
import { ElementType } from '../onnx/element-type';
import { registerOnnxBackend } from '../register-onnx-backend';
import { compile } from './compile';
import { foldIdentities } from './fold-identities';

beforeAll(async () => {
  registerOnnxBackend();
  await tf.setBackend('onnx');
});

const float = (shape: number[]): ValueType => ({ type: ElementType.float32, shape });
const node = (operator: string, inputs: string[], output: string) => ({
  operator,
  inputs,
  outputs: [output],
  attributes: {},
});

/** y = x · keep + bias with keep = 1 − mask and bias = mask · −10⁹, and z = exp(y). */
function masked(mask: number[]): UnifiedGraph {
  const number = (name: string, value: number) => ({ name, ...float([]), values: [value] });
  return {
    inputs: [{ name: 'x', ...float([2, 3]) }],
    outputs: [{ name: 'z', ...float([2, 3]) }],
    constants: [{ name: 'mask', ...float([3]), values: mask }, number('one', 1), number('excluded', -1e9)],
    nodes: [
      node('Sub', ['one', 'mask'], 'keep'),
      node('Mul', ['mask', 'excluded'], 'bias'),
      node('Mul', ['x', 'keep'], 'kept'),
      node('Add', ['bias', 'kept'], 'y'),
      node('Exp', ['y'], 'z'),
    ],
    types: new Map([
      ['keep', float([3])],
      ['bias', float([3])],
      ...['kept', 'y', 'z'].map((name) => [name, float([2, 3])] as const),
    ]),
  };
}

const compileOnce = (graph: Parameters<ReturnType<typeof registerOnnxBackend>['createSession']>[0]) =>
  registerOnnxBackend().createSession(graph, { singleThread: true });

describe('foldIdentities', () => {
  it('leaves out what a mask of which everything takes part adds and multiplies', () => {
    const { nodes, constants } = foldIdentities(masked([0, 0, 0]), compileOnce);
    expect(nodes).toEqual([node('Exp', ['x'], 'z')]);
    expect(constants).toEqual([]);
  });

  it('keeps the graph where something does not take part', () => {
    const graph = masked([0, 1, 0]);
    expect(foldIdentities(graph, compileOnce).nodes).toEqual(graph.nodes);
  });

  it('keeps additions of 0 that broadcast, and those that are outputs', () => {
    const zeros = { name: 'zeros', ...float([4, 1]), values: [0, 0, 0, 0] };
    const graph: UnifiedGraph = {
      inputs: [{ name: 'x', ...float([1, 3]) }],
      outputs: [
        { name: 'sum', ...float([4, 3]) },
        { name: 'same', ...float([1, 3]) },
      ],
      constants: [zeros, { name: 'zero', ...float([]), values: [0] }],
      nodes: [node('Add', ['x', 'zeros'], 'wide'), node('Neg', ['wide'], 'sum'), node('Add', ['x', 'zero'], 'same')],
      types: new Map([
        ['wide', float([4, 3])],
        ['sum', float([4, 3])],
        ['same', float([1, 3])],
      ]),
    };
    expect(foldIdentities(graph, compileOnce).nodes).toEqual(graph.nodes);
  });

  it('keeps products with 1 that broadcast along an axis whose size varies', () => {
    const ones = tf.variable(tf.ones([3]));
    const compiled = compile(({ x }) => tf.sum(tf.mul(tf.expandDims(x!, 1), ones), 0), {
      dynamicAxes: { x: { 0: 'n' } },
    });
    expect([...compiled({ x: tf.tensor1d([1, 2, 3, 4]) }).dataSync()]).toEqual([10, 10, 10]);
  });

  it('changes nothing of what a compiled function gives', () => {
    const weight = tf.variable(tf.ones([3]));
    const compiled = compile(({ x }) => tf.mul(tf.add(x!, tf.sub(1, tf.ones([2, 3]))), weight));
    const x = tf.tensor2d([
      [1, -2, 3.5],
      [Number.NaN, Number.POSITIVE_INFINITY, 0],
    ]);
    expect([...compiled({ x }).dataSync()]).toEqual([1, -2, 3.5, Number.NaN, Number.POSITIVE_INFINITY, 0]);
    weight.assign(tf.tensor1d([2, 3, 4]));
    expect([...compiled({ x }).dataSync()]).toEqual([2, -6, 14, Number.NaN, Number.POSITIVE_INFINITY, 0]);
  });
});
