import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';
import { BackendError } from '../errors';
import { type BackendName, backendNames } from './backend-choice';
import { useBackend } from './use-backend';

describe('useBackend', () => {
  afterEach(() => tf.setBackend('cpu'));

  it('takes the backend that is named', async () => {
    const choice = await useBackend('cpu');
    expect(choice.name).toBe('cpu');
    expect(tf.getBackend()).toBe('cpu');
    expect(String(choice)).toBe('cpu (plain JavaScript)');
  });

  it('takes the best there is, and says why none of the better ones', async () => {
    const choice = await useBackend();
    expect(choice.passedOver.map(({ name }) => name)).toEqual(backendNames.slice(0, backendNames.indexOf(choice.name)));
    for (const { reason } of choice.passedOver) expect(String(choice)).toContain(reason);
    expect(await multiplied()).toEqual([5]);
  });

  it('says what the ONNX backend runs on', async () => {
    expect(String(await useBackend('onnx'))).toMatch(/^onnx \(ONNX Runtime \d+\.\d+\.\d+, cpu\)$/);
  });

  it('starts WebAssembly, whose binaries it finds, in one thread', async () => {
    expect(String(await useBackend('wasm'))).toMatch(/^wasm \(WebAssembly( with SIMD)?, 1 thread\)$/);
    expect(tf.getBackend()).toBe('wasm');
    expect(await multiplied()).toEqual([5]);
  });

  it('suggests a name for an unknown backend', async () => {
    await expect(useBackend('onyx' as BackendName)).rejects.toThrow(BackendError);
    await expect(useBackend('onyx' as BackendName)).rejects.toThrow('Did you mean "onnx"?');
    for (const name of [5, null, {}]) await expect(useBackend(name as never)).rejects.toThrow(BackendError);
  });

  it('says how to install a backend that is not there, and leaves the current one', async () => {
    const failure = useBackend('webgpu');
    await expect(failure).rejects.toThrow(BackendError);
    await expect(failure).rejects.toThrow(
      'expected a working @tensorflow/tfjs-backend-webgpu with webgpu, received @tensorflow/tfjs-backend-webgpu is not ' +
        'installed. Install it with: npm install @tensorflow/tfjs-backend-webgpu webgpu',
    );
    expect(tf.getBackend()).toBe('cpu');
  });
});

/** Something small, to see that the backend computes. */
async function multiplied(): Promise<number[]> {
  const x = tf.tensor2d([[1, 2]]);
  return [...(await tf.matMul(x, x, false, true).data())];
}
