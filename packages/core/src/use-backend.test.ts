import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { BackendError } from './errors';
import { type BackendName, useBackend } from './use-backend';

describe('useBackend', () => {
  it('takes the backend that is named', async () => {
    const choice = await useBackend('cpu');
    expect(choice.name).toBe('cpu');
    expect(tf.getBackend()).toBe('cpu');
    expect(String(choice)).toBe('cpu (@tensorflow/tfjs)');
  });

  it('takes the best there is, and says why none of the better ones', async () => {
    const choice = await useBackend();
    const order: BackendName[] = ['node-gpu', 'onnx', 'node', 'webgpu', 'wasm', 'cpu'];
    expect(choice.passedOver.map(({ name }) => name)).toEqual(order.slice(0, order.indexOf(choice.name)));
    for (const { reason } of choice.passedOver) expect(String(choice)).toContain(reason);
    const x = tf.tensor2d([[1, 2]]);
    expect([...(await tf.matMul(x, x, false, true).data())]).toEqual([5]);
    await tf.setBackend('cpu');
  });

  it('says what the ONNX backend runs on', async () => {
    expect(String(await useBackend('onnx'))).toMatch(/^onnx \(ONNX Runtime \d+\.\d+\.\d+, cpu\)$/);
    await tf.setBackend('cpu');
  });

  it('suggests a name for an unknown backend', async () => {
    await expect(useBackend('onyx' as BackendName)).rejects.toThrow(BackendError);
    await expect(useBackend('onyx' as BackendName)).rejects.toThrow('Did you mean "onnx"?');
  });

  it('says how to install a backend that is not there', async () => {
    await expect(useBackend('wasm')).rejects.toThrow('Install it with: npm install @tensorflow/tfjs-backend-wasm');
  });
});
