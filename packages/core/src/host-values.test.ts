import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { hostTensor, lengthMask } from './features';
import { uploadTensor } from './host-values';

describe('uploadTensor', () => {
  it('makes float32 of floats and int32 of integers of any size, unless the feature says otherwise', () => {
    const features = [
      hostTensor(Float32Array.of(-0.5, 1), [2]),
      hostTensor(Int32Array.of(-(2 ** 31), 2 ** 31 - 1), [2]),
      hostTensor(Uint16Array.of(0, 65_535), [2]),
      hostTensor(Int16Array.of(-32_768, 32_767), [2]),
      hostTensor(Uint8Array.of(0, 255), [2]),
      hostTensor(Uint8Array.of(0, 255), [2], 'float32'),
      lengthMask([1], 2),
    ];
    const tensors = features.map(uploadTensor);
    expect(tensors.map(({ dtype }) => dtype)).toEqual(['float32', ...Array(4).fill('int32'), 'float32', 'float32']);
    expect(tensors.map((tensor) => [...tensor.dataSync()])).toEqual([
      [-0.5, 1],
      [-(2 ** 31), 2 ** 31 - 1],
      [0, 65_535],
      [-32_768, 32_767],
      [0, 255],
      [0, 255],
      [1, 0],
    ]);
    expect(tensors[6].shape).toEqual([1, 2]);
    tf.dispose(tensors);
  });
});
