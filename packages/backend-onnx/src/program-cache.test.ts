import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { OnnxBackend } from './backend';
import type { Program } from './program';
import { ProgramCache } from './program-cache';
import { registerOnnxBackend } from './register-onnx-backend';

type FakeProgram = Program & { disposed: boolean };

function fakeProgram(coding: Int32Array, graphBytes = 100, intermediateBytes = 0, isKept = false): FakeProgram {
  const program = {
    coding,
    memory: { graphBytes, intermediateBytes, isKept },
    disposed: false,
    shapes: () => ({ inputs: ['float32[8,8]', `float32[${coding[0]}]`], outputs: ['float32[]'] }),
    dispose: () => {
      program.disposed = true;
    },
  };
  return program as unknown as FakeProgram;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the cache of programs', () => {
  it('tells programs of the same hash apart by their coding', () => {
    const cache = new ProgramCache({ programs: 10, bytes: 1e9 }, () => {});
    const [a, b] = [Int32Array.of(1, 2), Int32Array.of(1, 3)];
    const first = cache.get(5, a, () => fakeProgram(a));
    const second = cache.get(5, b, () => fakeProgram(b));
    expect(second).not.toBe(first);
    expect(cache.get(5, Int32Array.of(1, 2), () => fakeProgram(a))).toBe(first);
    expect(cache.counts).toEqual({ programs: 2, compilations: 2, hits: 1, programBytes: 200 });
  });

  it('releases the least recently used program beyond its bound', () => {
    const cache = new ProgramCache({ programs: 2, bytes: 1e9 }, () => {});
    const get = (n: number) => cache.get(n, Int32Array.of(n), () => fakeProgram(Int32Array.of(n))) as FakeProgram;
    const [one, two] = [get(1), get(2)];
    get(1);
    get(3);
    expect(two.disposed).toBe(true);
    expect(one.disposed).toBe(false);
    expect(cache.counts.programs).toBe(2);
  });

  it('releases programs for which ONNX Runtime holds more memory than it may, but not the last', () => {
    const cache = new ProgramCache({ programs: 10, bytes: 250 }, () => {});
    const get = (n: number) => cache.get(n, Int32Array.of(n), () => fakeProgram(Int32Array.of(n)));
    for (let n = 0; n < 5; n++) get(n);
    expect(cache.counts).toMatchObject({ programs: 2, programBytes: 200 });
    const tight = new ProgramCache({ programs: 10, bytes: 50 }, () => {});
    for (let n = 0; n < 5; n++) tight.get(n, Int32Array.of(n), () => fakeProgram(Int32Array.of(n)));
    expect(tight.counts).toMatchObject({ programs: 1, programBytes: 100 });
  });

  it('releases a large program that a loop used once, in its first turn, and keeps the one it goes on using', () => {
    const cache = new ProgramCache({ programs: 10, bytes: 1e9 }, () => {});
    const get = (n: number) => cache.get(n, Int32Array.of(n), () => fakeProgram(Int32Array.of(n), 1e8)) as FakeProgram;
    const first = get(1);
    for (let turn = 0; turn < 200; turn++) get(2);
    expect(first.disposed).toBe(true);
    for (let turn = 0; turn < 200; turn++) get(3);
    expect(cache.counts).toMatchObject({ programs: 2, programBytes: 2e8 }); // the second may be wanted again
  });

  /** Looks a program up that needs so many bytes while it runs. */
  const use = (cache: ProgramCache, n: number, bytes: number) =>
    cache.get(n, Int32Array.of(n), (mayKeep) =>
      fakeProgram(Int32Array.of(n), 100, bytes, mayKeep(bytes)),
    ) as FakeProgram;

  it('lets a large program that runs alone keep its memory, and none where several take turns', () => {
    const cache = new ProgramCache({ programs: 100 }, () => {});
    const alone = use(cache, 0, 5e8);
    for (let turn = 0; turn < 10; turn++) expect(use(cache, 0, 5e8)).toBe(alone);
    expect(cache.counts).toMatchObject({ compilations: 1, programBytes: 5e8 + 100 });
    for (let turn = 0; turn < 200; turn++) use(cache, turn % 5, 3e8);
    expect(alone.disposed).toBe(true);
    expect(cache.counts).toMatchObject({ programs: 5, compilations: 6, programBytes: 5 * 100 });
  });

  it('gives a large program its memory when it has run alone for a while, at the cost of compiling it once more', () => {
    const cache = new ProgramCache({ programs: 100 }, () => {});
    for (const n of [1, 2]) use(cache, n, 5e8);
    for (let turn = 0; turn < 200; turn++) use(cache, 2, 5e8);
    expect(use(cache, 2, 5e8).memory.isKept).toBe(true);
    expect(cache.counts).toMatchObject({ programs: 1, compilations: 3, programBytes: 5e8 + 100 });
  });

  it('lets small programs keep their memory up to 64 MiB in all', () => {
    const cache = new ProgramCache({ programs: 100 }, () => {});
    for (let n = 0; n < 80; n++) use(cache, n, 2 ** 20);
    expect(cache.counts).toMatchObject({ programs: 80, programBytes: 2 ** 26 + 80 * 100 });
  });

  it('keeps no memory beyond a bound that is given', () => {
    const cache = new ProgramCache({ programs: 100, bytes: 2e7 }, () => {});
    expect(use(cache, 1, 3e7).memory.isKept).toBe(false);
    expect(use(cache, 2, 1e7).memory.isKept).toBe(true);
  });

  it('warns once, naming the shapes that differ, when a loop keeps compiling', () => {
    const messages: string[] = [];
    const cache = new ProgramCache({ programs: 500, bytes: 1e9 }, (message) => messages.push(message));
    for (let n = 0; n < 300; n++) cache.get(n, Int32Array.of(n), () => fakeProgram(Int32Array.of(n)));
    expect(messages.length).toBe(1);
    expect(messages[0]).toContain('input 2 of 2: float32[98], then float32[99]');
  });

  it('does not warn where a few shapes take turns', () => {
    const warn = vi.fn();
    const cache = new ProgramCache({ programs: 500, bytes: 1e9 }, warn);
    for (let n = 0; n < 300; n++) cache.get(n % 20, Int32Array.of(n % 20), () => fakeProgram(Int32Array.of(n % 20)));
    expect(warn).not.toHaveBeenCalled();
  });

  it('does not warn of kernels that are profiled, each of which is run by itself', async () => {
    registerOnnxBackend();
    await tf.setBackend('onnx');
    const warn = vi.fn();
    const cache = new ProgramCache({ programs: 500, bytes: 1e9 }, warn);
    const use = (n: number) => cache.get(n, Int32Array.of(n), () => fakeProgram(Int32Array.of(n)));
    await tf.profile(() => {
      for (let n = 0; n < 300; n++) use(n);
      return tf.scalar(0);
    });
    for (let n = 300; n < 310; n++) use(n);
    expect(warn).not.toHaveBeenCalled();
  });

  it('bounds the programs of a backend, whose results stay right', async () => {
    registerOnnxBackend();
    const backend = new OnnxBackend({ maxPrograms: 4 });
    tf.registerBackend('onnx-few', () => backend);
    tf.copyRegisteredKernels('onnx', 'onnx-few');
    await tf.setBackend('onnx-few');
    for (let turn = 0; turn < 2; turn++) {
      for (let size = 1; size <= 10; size++) expect(tf.sum(tf.ones([size])).dataSync()[0]).toBe(size);
    }
    expect(backend.statistics()).toMatchObject({ programs: 4, compilations: 20 });
  });
});
