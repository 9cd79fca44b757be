import { describe, expect, it } from 'vitest';
import { OnnxBackendError, OnnxRuntimeExecutionError, OnnxRuntimeLoadError } from './errors';
import { ElementType } from './onnx/element-type';
import type { GraphDefinition } from './onnx/model-writer';
import { loadOnnxRuntime, type NativeTensor } from './session';

describe('ONNX Runtime', () => {
  it('passes the start-up test, and writes outputs in place', () => {
    expect(loadOnnxRuntime().writesInPlace).toBe(true);
  });

  it('can leave the allocation of outputs to ONNX Runtime', () => {
    expect(loadOnnxRuntime({ writeInPlace: false }).writesInPlace).toBe(false);
  });

  it('that is not installed gives an error which says how to install it', () => {
    const load = () =>
      loadOnnxRuntime({
        require: () => {
          throw new Error("Cannot find module 'onnxruntime-node'");
        },
      });
    expect(load).toThrow(OnnxRuntimeLoadError);
    expect(load).toThrow(/Cannot find module.*npm install onnxruntime-node@1\.30\.0/s);
  });

  it('is not trusted if it computes wrong values', () => {
    class WrongSession {
      loadModel(): void {}
      dispose(): void {}
      run(_: unknown, fetches: object): object {
        return Object.fromEntries(Object.keys(fetches).map((name) => [name, { data: new Int32Array(1000) }]));
      }
    }
    const binding = { binding: { InferenceSession: WrongSession }, initOrt: () => {} };
    expect(() => loadOnnxRuntime({ require: () => binding })).toThrow(/start-up test/);
  });

  it('whose outputs are converted after all falls back to taking them', () => {
    class EagerSession {
      loadModel(): void {}
      dispose(): void {}
      run({ x }: { x: { data: Int32Array } }, fetches: object): object {
        const y = x.data.map((value) => value + 1);
        const z = Uint8Array.from(x.data, (value) => Number(value > 1));
        return Object.keys(fetches).includes('sentinel') ? { sentinel: {}, y, z } : { y: { data: y }, z: { data: z } };
      }
    }
    const binding = { binding: { InferenceSession: EagerSession }, initOrt: () => {} };
    expect(loadOnnxRuntime({ require: () => binding }).writesInPlace).toBe(false);
  });

  it('computes the same bytes whether memory is kept from run to run or not', () => {
    const [rows, inner, columns] = [67, 301, 129] as const;
    const type = ElementType.float32;
    const graph: GraphDefinition = {
      nodes: [
        { operator: 'MatMul', inputs: ['x', 'w'], outputs: ['product'], attributes: {} },
        { operator: 'Softmax', inputs: ['product'], outputs: ['weights'], attributes: { axis: -1 } },
        { operator: 'Erf', inputs: ['weights'], outputs: ['erf'], attributes: {} },
        { operator: 'ReduceSum', inputs: ['erf', 'axes'], outputs: ['y'], attributes: { keepdims: 0 } },
      ],
      inputs: [
        { name: 'x', type, shape: [rows, inner] },
        { name: 'w', type, shape: [inner, columns] },
      ],
      outputs: [{ name: 'y', type, shape: [columns] }],
      constants: [{ name: 'axes', type: ElementType.int64, shape: [1], values: [0] }],
    };
    const waves = (size: number, step: number) => Float32Array.from({ length: size }, (_, i) => Math.sin(i * step));
    const feed = (data: Float32Array, ...dims: number[]) =>
      ({ type: 'float32', dims, data, location: 'cpu' }) satisfies NativeTensor;
    const results = [true, false].map((keepsMemory) => {
      const session = loadOnnxRuntime().createSession(graph, { singleThread: false, keepsMemory });
      const y = feed(new Float32Array(columns), columns);
      for (let run = 0; run < 3; run++) {
        session.run(
          { x: feed(waves(rows * inner, 0.7), rows, inner), w: feed(waves(inner * columns, 0.3), inner, columns) },
          { y },
        );
      }
      session.dispose();
      return y.data;
    });
    expect(Math.max(...results[0]!)).toBeGreaterThan(0);
    expect(results[1]).toEqual(results[0]);
  });

  it('refuses an unknown operator with an error that says what to do', () => {
    const graph = {
      nodes: [{ operator: 'NoSuchOperator', inputs: ['x'], outputs: ['y'], attributes: {} }],
      inputs: [{ name: 'x', type: ElementType.float32, shape: [1] }],
      outputs: [{ name: 'y', type: ElementType.float32, shape: [1] }],
      constants: [],
    };
    let thrown: unknown;
    try {
      loadOnnxRuntime().createSession(graph, { singleThread: true });
    } catch (error) {
      thrown = error;
    }
    expect(OnnxBackendError.isInstance(thrown)).toBe(true);
    expect(thrown).toBeInstanceOf(OnnxRuntimeExecutionError);
    expect(thrown).toMatchObject({
      code: 'ONNX_RUNTIME_EXECUTION',
      received: expect.stringContaining('NoSuchOperator'),
    });
  });
});
