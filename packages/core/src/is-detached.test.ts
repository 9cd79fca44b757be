import { describe, expect, it } from 'vitest';
import { isDetached } from './is-detached';

describe('isDetached', () => {
  it('tells an array whose memory is gone from an empty one', () => {
    const array = new Float32Array(4);
    expect(isDetached(array)).toBe(false);
    structuredClone(array, { transfer: [array.buffer] });
    expect(isDetached(array)).toBe(true);
    expect(isDetached(new Float32Array(0))).toBe(false);
  });
});
