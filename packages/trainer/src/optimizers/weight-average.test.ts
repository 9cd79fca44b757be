import { readFileSync } from 'node:fs';
import { FileFormatError, Parameter } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { OptimizedParameter } from './parameter-groups';
import { WeightAverage } from './weight-average';

interface Fixture {
  readonly decay: number;
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly steps: readonly { readonly weights: number[]; readonly constant: number[]; readonly warmup: number[] }[];
}

/** Made by PyTorch's AveragedModel: see tools/parity/optimizer.py. */
const fixture: Fixture = JSON.parse(readFileSync(new URL('../../fixtures/averages.json', import.meta.url), 'utf8'));

function parameters(): OptimizedParameter[] {
  return Object.entries(fixture.shapes).map(([name, shape]) => {
    const parameter = new Parameter(shape, (own) => new Float32Array(own.reduce((a, b) => a * b)));
    parameter.assignValues(new Float32Array(parameter.size));
    return { path: `heads.a.${name}`, parameter, learningRate: 1, weightDecay: 0 };
  });
}

function assign(own: readonly OptimizedParameter[], values: readonly number[]): void {
  let begin = 0;
  for (const { parameter } of own) {
    parameter.assignValues(Float32Array.from(values.slice(begin, begin + parameter.size)));
    begin += parameter.size;
  }
}

const valuesOf = (own: readonly OptimizedParameter[]) =>
  own.flatMap(({ parameter }) => [...parameter.value.dataSync()]);

describe('WeightAverage', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it.each([
    ['constant', false],
    ['warmup', true],
  ] as const)('is what AveragedModel of PyTorch makes, with a decay that is %s', async (kind, warmup) => {
    const own = parameters();
    const average = new WeightAverage(own, { decay: fixture.decay, warmup });
    for (const { weights, [kind]: expected } of fixture.steps) {
      assign(own, weights);
      tf.tidy(() => average.update());
      const before = valuesOf(own);
      // weights of a few units in float32
      await average.lend(async () => valuesOf(own).forEach((value, i) => expect(value).toBeCloseTo(expected[i], 5)));
      expect(valuesOf(own)).toEqual(before);
    }
    average.apply();
    valuesOf(own).forEach((value, i) => expect(value).toBeCloseTo(fixture.steps.at(-1)![kind][i], 5));
    average.dispose();
  });

  it('gives the weights back where what it is lent to fails, and leaves no tensor behind', async () => {
    const own = parameters();
    const before = tf.memory().numTensors;
    const average = new WeightAverage(own, { decay: 0.5 });
    for (const { weights } of fixture.steps.slice(0, 2)) {
      assign(own, weights);
      tf.tidy(() => average.update());
    }
    const lent = average.lend(() => Promise.reject(new Error('in between')));
    await expect(lent).rejects.toThrow('in between');
    expect(valuesOf(own)).toEqual(fixture.steps[1].weights);
    average.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('goes on from its state to the bit, and refuses that of others', async () => {
    const [straight, resumed] = [parameters(), parameters()];
    const average = new WeightAverage(straight, { decay: 0.9 });
    let other = new WeightAverage(resumed, { decay: 0.9 });
    for (const { weights } of fixture.steps) {
      for (const [own, each] of [
        [straight, average],
        [resumed, other],
      ] as const) {
        assign(own, weights);
        tf.tidy(() => each.update());
      }
      const next = new WeightAverage(resumed, { decay: 0.9 });
      const take = next.restore(other.updates);
      for (const { name, shape, read } of other.tensors()) take(name, { data: (await read()).slice(), shape });
      other.dispose();
      other = next;
    }
    const [expected] = await Promise.all(average.tensors().map(({ read }) => read()));
    const [found] = await Promise.all(other.tensors().map(({ read }) => read()));
    expect([...found]).toEqual([...expected]);
    expect(() => other.restore(1)('0', { data: new Float32Array(2), shape: [2] })).toThrow(FileFormatError);
    expect(() => other.restore(1)('7', { data: new Float32Array(9), shape: [9] })).toThrow(FileFormatError);
  });
});
