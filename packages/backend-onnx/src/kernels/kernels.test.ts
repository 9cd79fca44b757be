import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { OnnxBackend } from '../backend';
import { fallbackKernelNames, nativeKernelNames, registerOnnxBackend } from '../register-onnx-backend';
import { kernelCases } from './cases';
import { compute, difference, expectedOf, type KernelCase, precisionOf } from './cases/kernel-case';
import { Random } from './cases/random';

let backend: OnnxBackend;
const native = new Set<string>();
const fallenBack = new Set<string>();

beforeAll(() => {
  backend = registerOnnxBackend();
});

for (const [group, cases] of Object.entries(kernelCases)) {
  describe(`${group} agree with the cpu backend`, () => {
    for (const kernelCase of cases) it(kernelCase.name, () => check(kernelCase));
  });
}

describe('the cases above', () => {
  it('run every native kernel', () => {
    expect(nativeKernelNames().filter((name) => !native.has(name))).toEqual([]);
  });

  it('run every kernel that falls back', () => {
    expect(fallbackKernelNames().filter((name) => !fallenBack.has(name))).toEqual([]);
  });
});

async function check(kernelCase: KernelCase): Promise<void> {
  const { gradient = false, draws = 4, make, fallsBack = false } = kernelCase;
  for (let draw = 0; draw < draws; draw++) {
    const call = make(new Random(draw + 1));
    const expected = await expectedOf(call, gradient);
    await tf.setBackend('onnx');
    const before = backend.statistics().fallbacks;
    let actual: ReturnType<typeof compute> = [];
    const { kernelNames } = await tf.profile(() => {
      actual = compute(make(new Random(draw + 1)), gradient);
      return tf.scalar(0);
    });
    expect(actual.length).toBe(expected.length);
    actual.forEach((result, i) => {
      const problem = difference(result, expected[i]!, precisionOf(kernelCase, call));
      expect(problem, `draw ${draw}, result ${i} of ${actual.length}`).toBeNull();
    });
    const fellBack = changes(before, backend.statistics().fallbacks);
    for (const name of fellBack) fallenBack.add(name);
    for (const name of kernelNames) if (!fellBack.includes(name)) native.add(name);
    if (fallsBack) expect(fellBack.length).toBeGreaterThan(0);
  }
}

function changes(before: Readonly<Record<string, number>>, after: Readonly<Record<string, number>>): string[] {
  return Object.keys(after).filter((name) => after[name] !== before[name]);
}
