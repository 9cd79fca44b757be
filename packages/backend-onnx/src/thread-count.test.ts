import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { OnnxRuntimeLoadError } from './errors';
import { ElementType } from './onnx/element-type';
import type { GraphDefinition } from './onnx/model-writer';
import { loadOnnxRuntime } from './session';
import { threadCount } from './thread-count';

describe('threadCount', () => {
  it.each([
    [undefined, undefined, undefined],
    [undefined, '', undefined],
    [undefined, '3', 3],
    [undefined, '4,2', 4],
    [1, '3', 1],
  ])('of %s where OMP_NUM_THREADS is %s is %s', (asked, variable, expected) => {
    expect(threadCount(asked, { OMP_NUM_THREADS: variable })).toBe(expected);
  });

  it.each([
    [0, undefined, /^threads: .*Received: 0\./],
    [1.5, undefined, /^threads: .*Received: 1\.5\./],
    ['2' as unknown as number, undefined, /^threads: .*Received: "2"\./],
    [20_000, undefined, /^threads: .*1 to 1024.*Received: 20000\./],
    [undefined, '1025', /^OMP_NUM_THREADS: .*Received: "1025"\./],
    [undefined, 'all', /^OMP_NUM_THREADS: .*Received: "all"\./],
  ])('refuses %s and %s', (asked, variable, message) => {
    expect(() => threadCount(asked, { OMP_NUM_THREADS: variable })).toThrow(OnnxRuntimeLoadError);
    expect(() => threadCount(asked, { OMP_NUM_THREADS: variable })).toThrow(message);
  });
});

it('is what sessions are made with, but for small programs', () => {
  const require = createRequire(import.meta.url);
  const { binding, initOrt } = require('onnxruntime-node/dist/binding.js');
  const made: unknown[] = [];
  class ObservedSession extends binding.InferenceSession {
    loadModel(...[buffer, offset, length, options]: [unknown, unknown, unknown, object]): void {
      made.push(options);
      super.loadModel(buffer, offset, length, options);
    }
  }
  const observed = { binding: { InferenceSession: ObservedSession }, initOrt };
  const name = (path: string) => (path.endsWith('binding.js') ? observed : require(path));
  const runtime = loadOnnxRuntime({ threads: 3, require: name });
  made.length = 0;
  const type = ElementType.float32;
  const graph: GraphDefinition = {
    nodes: [{ operator: 'Neg', inputs: ['x'], outputs: ['y'], attributes: {} }],
    inputs: [{ name: 'x', type, shape: [1] }],
    outputs: [{ name: 'y', type, shape: [1] }],
    constants: [],
  };
  for (const singleThread of [false, true]) runtime.createSession(graph, { singleThread }).dispose();
  expect(made).toMatchObject([{ intraOpNumThreads: 3 }, { intraOpNumThreads: 1 }]);
});
