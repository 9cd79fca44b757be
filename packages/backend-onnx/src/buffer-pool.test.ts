import { describe, expect, it } from 'vitest';
import { BufferPool } from './buffer-pool';

describe('the pool of arrays', () => {
  it('hands out memory again once it was given back, for the same size only where that is small', () => {
    const pool = new BufferPool();
    const { buffer } = pool.take('float32', 8);
    pool.give(new Float32Array(buffer));
    expect(pool.freeBytes).toBe(32);
    expect(pool.take('float32', 9).buffer).not.toBe(buffer);
    expect(pool.take('int32', 8).buffer).toBe(buffer);
    expect(pool.take('float32', 8).buffer).not.toBe(buffer);
  });

  it('makes large memory a little larger than asked for, and hands it out for all that it holds at least half full', () => {
    for (const size of [3000, 4096, 5000, 100_000, 1_000_003]) {
      const pool = new BufferPool();
      const array = pool.take('float32', size);
      expect(array.length).toBe(size);
      expect(array.buffer.byteLength).toBeLessThanOrEqual(1.125 * 4 * size);
      pool.give(array);
      expect(pool.take('float32', 2 * size).buffer).not.toBe(array.buffer);
      expect(pool.take('float32', Math.floor(size / 3)).buffer).not.toBe(array.buffer);
      const smaller = pool.take('int32', Math.ceil(size * 0.6));
      expect([smaller.buffer === array.buffer, smaller.length]).toEqual([true, Math.ceil(size * 0.6)]);
      pool.give(smaller);
      expect(pool.take('float32', size).buffer).toBe(array.buffer);
    }
  });

  it('hands out the memory that fits best', () => {
    const pool = new BufferPool();
    const [large, small] = [pool.take('float32', 9000), pool.take('float32', 6000)];
    pool.give(large);
    pool.give(small);
    expect(pool.take('float32', 5000).buffer).toBe(small.buffer);
    expect(pool.take('float32', 5000).buffer).toBe(large.buffer);
  });

  it('leaves a part of memory alone that is not its own', () => {
    const pool = new BufferPool();
    pool.give(new Float32Array(new ArrayBuffer(64), 32, 8));
    expect(pool.freeBytes).toBe(0);
    pool.give(new Float32Array(5001));
    expect(pool.freeBytes).toBe(4 * 5001);
  });

  it('makes arrays of the right kind', () => {
    const pool = new BufferPool();
    expect(pool.take('float32', 2)).toEqual(new Float32Array(2));
    expect(pool.take('int32', 2)).toEqual(new Int32Array(2));
    expect(pool.take('bool', 2)).toEqual(new Uint8Array(2));
  });

  it('lets go of arrays that no run has wanted for a while, and keeps those in use', () => {
    const pool = new BufferPool(4);
    pool.give(new Float32Array(1000));
    const used = new Float32Array(10);
    pool.give(used);
    for (let run = 0; run < 12; run++) {
      pool.give(pool.take('float32', 10));
      pool.tick();
    }
    expect(pool.freeBytes).toBe(40);
    expect(pool.take('float32', 10).buffer).toBe(used.buffer);
  });

  it('keeps no more than about two runs take where sizes keep changing', () => {
    const pool = new BufferPool();
    for (let run = 0; run < 200; run++) {
      const size = 10_000 + 100 * run;
      const array = pool.take('float32', size);
      pool.tick();
      pool.give(array);
      expect(pool.freeBytes).toBeLessThanOrEqual(2 * 1.125 * 4 * size);
    }
  });
});
