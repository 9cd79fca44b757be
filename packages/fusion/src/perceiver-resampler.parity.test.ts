import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { type PerceiverConfig, PerceiverResampler } from './perceiver-resampler';

/** As `tools/parity/perceiver.py` writes it: what transformers makes of each row alone. */
interface Fixture {
  readonly cases: readonly {
    readonly config: PerceiverConfig;
    readonly parameters: Readonly<Record<string, tf.TensorLike>>;
    readonly gradients: Readonly<Record<string, tf.TensorLike>>;
    readonly rows: readonly Readonly<Record<'tokens' | 'output' | 'probe' | 'gradient', number[][]>>[];
  }[];
}

const path = new URL('../fixtures/perceiver-resampler.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(path, 'utf8')) as Fixture;

describe.each(cases)(
  'PerceiverResampler, qkLayerNorms $config.qkLayerNorms',
  ({ config, parameters, gradients, rows }) => {
    const resampler = new PerceiverResampler(config);
    for (const [name, parameter] of resampler.parameters()) {
      parameter.assign(tf.reshape(tf.tensor(parameters[name]), [...parameter.shape]));
    }
    const longest = Math.max(...rows.map(({ tokens }) => tokens.length));
    const nothing = new Array<number>(config.hiddenSize).fill(0);
    const tokens = tf.tensor3d(rows.map((row) => Array.from({ length: longest }, (_, i) => row.tokens[i] ?? nothing)));
    const mask = tf.tensor2d(
      rows.map((row) => Array.from({ length: longest }, (_, i) => (i < row.tokens.length ? 1 : 0))),
    );

    it('has the parameters of IdeficsPerceiverResampler', () => {
      expect([...resampler.parameters().keys()].sort()).toEqual(Object.keys(parameters).sort());
    });

    it('makes the latents of each row that it makes alone', () => {
      expectNear(resampler.forward(tokens, mask).dataSync(), rows.flatMap(({ output }) => output).flat(), 1e-5);
    });

    it('has its gradients', () => {
      const probe = tf.tensor3d(rows.map((row) => row.probe));
      const loss = (x: tf.Tensor3D) => tf.sum(tf.mul(resampler.forward(x, mask), probe)) as tf.Scalar;
      const ofTokens = tf
        .grad((x) => loss(x as tf.Tensor3D))(tokens)
        .arraySync() as number[][][];
      rows.forEach(({ gradient }, row) => {
        expectNear(ofTokens[row].slice(0, gradient.length).flat(), gradient.flat(), 1e-4);
        expect(
          ofTokens[row]
            .slice(gradient.length)
            .flat()
            .every((value) => value === 0),
        ).toBe(true);
      });
      const { grads } = tf.variableGrads(() => loss(tokens));
      for (const [name, { value }] of resampler.parameters()) {
        const expected = tf.tensor(gradients[name]).dataSync();
        expectNear(grads[(value as tf.Variable).name].dataSync(), expected, 1e-4);
      }
    });
  },
);

/** Relative to numbers above 1: gradients are sums over rows, in float32. */
function expectNear(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  const off = Array.from(actual, (value, i) => Math.abs(value - expected[i]) / Math.max(1, Math.abs(expected[i])));
  expect(Math.max(...off)).toBeLessThan(tolerance);
}
