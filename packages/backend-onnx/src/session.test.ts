import { describe, expect, it } from 'vitest';
import { OnnxBackendError, OnnxRuntimeExecutionError, OnnxRuntimeLoadError } from './errors';
import { ElementType } from './onnx/element-type';
import { loadOnnxRuntime } from './session';

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
