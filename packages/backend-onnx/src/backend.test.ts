import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OnnxBackend } from './backend';
import { OnnxRuntimeExecutionError, TensorUnavailableError } from './errors';
import { registerOnnxBackend } from './register-onnx-backend';

let backend: OnnxBackend;

beforeAll(() => {
  backend = registerOnnxBackend();
});

beforeEach(async () => {
  await tf.setBackend('onnx');
});

describe('values given to tf.tensor', () => {
  it('may be changed by the caller afterwards, before and after anything is read', () => {
    const given = Float32Array.of(1, 2, 3);
    const x = tf.tensor1d(given);
    const doubled = tf.mul(x, 2);
    given.fill(9);
    expect([...doubled.dataSync()]).toEqual([2, 4, 6]);
    given.fill(7);
    expect([...tf.add(x, 1).dataSync()]).toEqual([2, 3, 4]);
  });

  it('may be changed by the caller when they come through tf.buffer', () => {
    const buffer = tf.buffer([2], 'int32', Int32Array.of(1, 2));
    const x = buffer.toTensor();
    buffer.set(50, 0);
    expect([...x.dataSync()]).toEqual([1, 2]);
  });

  it('are not changed by writing into what dataSync returned', () => {
    const x = tf.mul(tf.tensor1d([1, 2]), 3);
    x.dataSync().fill(0);
    expect([...x.dataSync()]).toEqual([3, 6]);
    expect([...tf.add(x, 1).dataSync()]).toEqual([4, 7]);
  });

  it('that were read stay as they are when their tensor is disposed and its memory used again', () => {
    const x = tf.mul(tf.tensor1d([1, 2]), 3);
    const read = x.dataSync();
    x.dispose();
    tf.mul(tf.tensor1d([5, 5]), 5).dataSync();
    expect([...read]).toEqual([3, 6]);
  });
});

describe('recording', () => {
  it('runs one program for many operations, when a value is read', () => {
    const before = backend.statistics().runs;
    const x = tf.tidy(() => {
      let sum = tf.tensor1d([1, 2]) as tf.Tensor;
      for (let i = 0; i < 20; i++) sum = tf.add(tf.mul(sum, 0.5), i);
      return sum;
    });
    expect(backend.statistics().runs).toBe(before);
    x.dataSync();
    expect(backend.statistics().runs).toBe(before + 1);
  });

  it('compiles a repeated computation once, whatever its values are', () => {
    const step = (value: number) => tf.tidy(() => tf.sum(tf.mul(tf.fill([7, 3], value), value)).dataSync()[0]);
    step(2);
    const before = backend.statistics().compilations;
    expect([3, 4, 5].map(step)).toEqual([189, 336, 525]);
    expect(backend.statistics().compilations).toBe(before);
  });

  it('computes what is alive at a read, and nothing that was disposed', () => {
    const x = tf.tensor1d([1, 2]);
    const kept = tf.add(x, 1);
    const dropped = tf.add(x, 2);
    dropped.dispose();
    expect([...kept.dataSync()]).toEqual([2, 3]);
    expect(() => dropped.dataSync()).toThrow();
  });

  it('keeps a disposed input alive until what was recorded with it has run', () => {
    const x = tf.tensor1d([1, 2]);
    const y = tf.add(x, 1);
    x.dispose();
    const other = tf.tensor1d([100, 200]); // would take the memory of x if that were free already
    expect([...y.dataSync()]).toEqual([2, 3]);
    expect([...other.dataSync()]).toEqual([100, 200]);
  });

  it('reads asynchronously what was there when data() was called', async () => {
    const x = tf.mul(tf.tensor1d([1, 2]), 2);
    const promise = x.data();
    x.dispose();
    expect([...(await promise)]).toEqual([2, 4]);
  });

  it('takes over tensors made on another backend, and gives them back', async () => {
    await tf.setBackend('cpu');
    const x = tf.tensor2d([
      [1, 2],
      [3, 4],
    ]);
    await tf.setBackend('onnx');
    const y = tf.matMul(x, x);
    expect([...y.dataSync()]).toEqual([7, 10, 15, 22]);
    await tf.setBackend('cpu');
    expect([...tf.add(y, 1).dataSync()]).toEqual([8, 11, 16, 23]);
  });

  it('lets views by reshape share their data, also after the original is gone', () => {
    const x = tf.mul(tf.tensor1d([1, 2, 3, 4]), 2);
    const square = tf.reshape(x, [2, 2]);
    x.dispose();
    expect(tf.transpose(square).arraySync()).toEqual([
      [2, 6],
      [4, 8],
    ]);
  });

  it('throws a shape error at the call, not at the read', () => {
    expect(() => tf.matMul(tf.ones([2, 3]), tf.ones([2, 3]))).toThrow(/inner/);
    expect(() => tf.concat([tf.ones([2, 3]), tf.ones([2, 2])], 0)).toThrow();
    expect(() => tf.slice(tf.ones([3]), [2], [5])).toThrow();
    expect(() => tf.gather(tf.ones([3]), tf.tensor1d([3], 'int32'))).toThrow(/not in \[0, 2\]/);
    expect(() => tf.gatherND(tf.ones([3, 2]), tf.tensor2d([[0, 2]], [1, 2], 'int32'))).toThrow(/not in \[0, 1\]/);
    expect(() => tf.scatterND(tf.tensor2d([[-1]], [1, 1], 'int32'), tf.ones([1]), [4])).toThrow(/not in \[0, 3\]/);
  });
});

describe('memory', () => {
  const counts = async (name: string, run: () => void) => {
    await tf.setBackend(name);
    const start = tf.memory();
    run();
    const end = tf.memory();
    return {
      tensors: end.numTensors - start.numTensors,
      buffers: end.numDataBuffers - start.numDataBuffers,
      bytes: end.numBytes - start.numBytes,
    };
  };

  it('is counted as on the cpu backend', async () => {
    const programs: (() => void)[] = [
      () => tf.add(tf.ones([2, 3]), 1),
      () => tf.tidy(() => tf.softmax(tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])))),
      () => tf.reshape(tf.ones([2, 3]), [6]),
      () => tf.complex(tf.ones([2]), tf.zeros([2])),
      () => tf.variable(tf.zeros([3])).assign(tf.ones([3])),
      () => tf.tensor(['a', 'b']),
      () => tf.split(tf.ones([4, 2]), 2),
    ];
    for (const program of programs) expect(await counts('onnx', program)).toEqual(await counts('cpu', program));
  });

  it('counts data ids as other backends do', () => {
    const start = backend.numDataIds();
    const x = tf.complex(tf.ones([2]), tf.zeros([2]));
    const y = tf.reshape(tf.ones([4]), [2, 2]);
    expect(backend.numDataIds() - start).toBe(3 + 2 + 1);
    x.dispose();
    y.dispose();
    expect(backend.numDataIds() - start).toBe(3);
  });

  it('does not grow over 500 training steps', () => {
    const weight = tf.variable(tf.randomNormal([8, 4], 0, 1, 'float32', 1));
    const optimizer = tf.train.adam(0.01);
    const x = tf.randomNormal([16, 8], 0, 1, 'float32', 2);
    const step = () =>
      tf.tidy(
        () => optimizer.minimize(() => tf.mean(tf.square(tf.matMul(x, weight))) as tf.Scalar, true)!.dataSync()[0]!,
      );
    const first = step();
    step();
    const settled = { ...tf.memory(), ids: backend.numDataIds(), compilations: backend.statistics().compilations };
    let last = first;
    for (let i = 0; i < 500; i++) last = step();
    expect(last).toBeLessThan(first / 10);
    expect(tf.memory().numTensors).toBe(settled.numTensors);
    expect(tf.memory().numDataBuffers).toBe(settled.numDataBuffers);
    expect(backend.numDataIds()).toBe(settled.ids);
    expect(backend.statistics().compilations).toBe(settled.compilations);
    expect(backend.statistics().pooledBytes).toBeLessThan(1e6);
  });
});

describe('the backend', () => {
  it('computes the same without writing outputs in place', async () => {
    const plain = new OnnxBackend({ writeInPlace: false });
    tf.registerBackend('onnx-plain', () => plain);
    tf.copyRegisteredKernels('onnx', 'onnx-plain');
    const run = () =>
      tf.tidy(() => {
        const weight = tf.variable(tf.linspace(-1, 1, 12).reshape([4, 3]));
        const optimizer = tf.train.adam(0.05);
        const loss = () => tf.mean(tf.square(tf.sub(tf.matMul(tf.ones([5, 4]), weight), 1))) as tf.Scalar;
        const losses = Array.from({ length: 5 }, () => optimizer.minimize(loss, true)!.dataSync()[0]!);
        return [...losses, ...weight.dataSync(), ...tf.greater(weight, 0).dataSync(), ...tf.argMax(weight).dataSync()];
      });
    const expected = run();
    await tf.setBackend('onnx-plain');
    expect(run()).toEqual(expected);
  });

  it('goes on after a run that failed', () => {
    const table = tf.ones([3, 2]);
    const computed = tf.add(tf.tensor1d([2], 'int32'), tf.scalar(5, 'int32'));
    expect(() => tf.gather(table, computed).dataSync()).toThrow(OnnxRuntimeExecutionError);
    expect(tf.sum(table).dataSync()[0]).toBe(6);
  });

  it('says which tensors were lost in a run that failed', () => {
    const computed = tf.add(tf.tensor1d([2], 'int32'), tf.scalar(5, 'int32'));
    const rows = tf.gather(tf.ones([3, 2]), computed);
    expect(() => rows.dataSync()).toThrow(OnnxRuntimeExecutionError);
    expect(() => rows.dataSync()).toThrow(TensorUnavailableError);
    expect(() => tf.add(rows, 1)).toThrow(TensorUnavailableError);
  });

  it('can be used again after dispose, which leaves nothing behind', async () => {
    const own = new OnnxBackend();
    tf.registerBackend('onnx-disposed', () => own);
    tf.copyRegisteredKernels('onnx', 'onnx-disposed');
    await tf.setBackend('onnx-disposed');
    tf.add(tf.tensor1d([1, 2]), 1).dataSync();
    tf.complex([1], [2]);
    tf.add(tf.tensor1d([1, 2]), 1);
    own.dispose();
    expect(own.statistics()).toMatchObject({ programs: 0, programBytes: 0, pooledBytes: 0 });
    expect(own.numDataIds()).toBe(0);
    expect([...tf.add(tf.tensor1d([1, 2]), 1).dataSync()]).toEqual([2, 3]);
  });

  it('measures time spent in computing', async () => {
    const { kernelMs } = (await tf.time(() => tf.matMul(tf.ones([64, 64]), tf.ones([64, 64])))) as { kernelMs: number };
    expect(kernelMs).toBeGreaterThan(0);
  });
});
