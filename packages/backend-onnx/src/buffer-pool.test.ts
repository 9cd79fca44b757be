import { describe, expect, it } from 'vitest';
import { BufferPool } from './buffer-pool';

describe('the pool of arrays', () => {
  it('hands out an array again once it was given back, for the same type and size only', () => {
    const pool = new BufferPool();
    const array = pool.take('float32', 8);
    pool.give('float32', array);
    expect(pool.freeBytes).toBe(32);
    expect(pool.take('int32', 8)).not.toBe(array);
    expect(pool.take('float32', 9)).not.toBe(array);
    expect(pool.take('float32', 8)).toBe(array);
    expect(pool.take('float32', 8)).not.toBe(array);
  });

  it('makes arrays of the right kind', () => {
    const pool = new BufferPool();
    expect(pool.take('float32', 2)).toEqual(new Float32Array(2));
    expect(pool.take('int32', 2)).toEqual(new Int32Array(2));
    expect(pool.take('bool', 2)).toEqual(new Uint8Array(2));
  });

  it('lets go of arrays that no run has wanted for a while, and keeps those in use', () => {
    const pool = new BufferPool(4);
    pool.give('float32', new Float32Array(1000));
    const used = new Float32Array(10);
    pool.give('float32', used);
    for (let run = 0; run < 12; run++) {
      pool.give('float32', pool.take('float32', 10));
      pool.tick();
    }
    expect(pool.freeBytes).toBe(40);
    expect(pool.take('float32', 10)).toBe(used);
  });

  it('keeps no more than about two runs take where sizes keep changing', () => {
    const pool = new BufferPool();
    for (let run = 0; run < 200; run++) {
      const size = 1000 + run;
      const array = pool.take('float32', size);
      pool.tick();
      pool.give('float32', array);
      expect(pool.freeBytes).toBeLessThanOrEqual(2 * 4 * size);
    }
  });
});
