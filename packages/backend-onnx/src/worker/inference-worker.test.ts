import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { exportOnnx } from '../export/export-onnx';
import { registerOnnxBackend } from '../register-onnx-backend';
import {
  InferenceModelError,
  InferenceOptionsError,
  InferenceQueueFullError,
  InferenceRequestError,
  InferenceWorkerClosedError,
  InferenceWorkerCrashError,
} from './inference-errors';
import type { InferenceTensors } from './inference-tensor';
import { createInferenceWorker, InferenceWorker } from './inference-worker';

const folder = mkdtempSync(join(tmpdir(), 'worker-'));
const path = join(folder, 'model.onnx');
const crashingThread = new URL('../testing/crashing-thread.ts', import.meta.url);
const open: InferenceWorker[] = [];

/** x → 2 x + 1 and x > 0 */
beforeAll(async () => {
  registerOnnxBackend();
  await tf.setBackend('onnx');
  const fn = ({ x }: tf.NamedTensorMap) => ({ y: tf.add(tf.mul(x!, 2), 1), positive: tf.greater(x!, 0) });
  await exportOnnx(fn, { x: tf.ones([4]) }, { path });
});

afterAll(async () => {
  for (const worker of open) await worker.close();
  rmSync(folder, { recursive: true });
});

async function start(maxQueue?: number): Promise<InferenceWorker> {
  const worker = await InferenceWorker.start(path, { maxQueue, threads: 1 }, crashingThread);
  open.push(worker);
  return worker;
}

function numbers(...values: number[]): InferenceTensors {
  return { x: { data: Float32Array.from(values), shape: [values.length] } };
}

const exit: InferenceTensors = { exit: { data: Int32Array.of(3), shape: [1] } };

describe('an inference worker', () => {
  it('keeps the process alive until it is closed, also where an answer comes when it was told to close', async () => {
    const worker = await start();
    const sent = vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(() => undefined);
    const answer = worker.run(numbers(1)).catch((error: unknown) => error);
    await vi.waitFor(() => expect(sent).toHaveBeenCalled());
    const unref = vi.spyOn(Worker.prototype, 'unref');
    const closing = worker.close();
    (sent.mock.contexts[0] as Worker).emit('message', { kind: 'done', outputs: {} });
    await closing;
    expect(await answer).toBeInstanceOf(InferenceWorkerClosedError);
    expect(unref).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });

  it('runs a model from a file and from bytes, and says its inputs and outputs', async () => {
    for (const model of [path, readFileSync(path)]) {
      const worker = await createInferenceWorker(model, { threads: 1 });
      expect(worker.inputNames).toEqual(['x']);
      expect(worker.outputNames).toEqual(['y', 'positive']);
      const { y, positive } = await worker.run(numbers(1, -2, 0.5));
      expect(y).toEqual({ data: Float32Array.of(3, -3, 2), shape: [3], type: 'float32' });
      expect([...positive!.data]).toEqual([1, 0, 1]);
      expect(positive!.type).toBe('bool');
      await worker.close();
    }
  });

  it('leaves the arrays of a request as they are, or takes their memory over', async () => {
    const worker = await start();
    const inputs = numbers(1, 2);
    await worker.run(inputs);
    expect(inputs.x!.data.length).toBe(2);
    const { y } = await worker.run(inputs, { transfer: true });
    expect([...y!.data]).toEqual([3, 5]);
    expect(inputs.x!.data.length).toBe(0);
  });

  it('refuses arrays that were handed over before, and what is no tensor, and goes on', async () => {
    const worker = await start();
    const inputs = numbers(1, 2);
    await worker.run(inputs, { transfer: true });
    for (const transfer of [true, false]) {
      await expect(worker.run(inputs, { transfer })).rejects.toThrow(InferenceRequestError);
      await expect(worker.run(inputs, { transfer })).rejects.toThrow(/handed over/);
    }
    const waiting = numbers(3, 4);
    const [first, second] = [worker.run(waiting, { transfer: true }), worker.run(waiting, { transfer: true })];
    expect((await first).y!.data.length).toBe(2);
    await expect(second).rejects.toThrow(InferenceRequestError); // emptied while it waited
    const shared = Float32Array.of(5, 6);
    structuredClone(shared, { transfer: [shared.buffer] });
    await expect(worker.run({ x: { data: shared, shape: [0] } }, { transfer: true })).rejects.toThrow(
      InferenceRequestError,
    );
    for (const wrong of [undefined, { x: undefined }, { x: { data: [1], shape: [1] } }, { x: numbers(1, 2).x!.data }]) {
      await expect(worker.run(wrong as unknown as InferenceTensors)).rejects.toThrow(InferenceRequestError);
    }
    expect((await worker.run(numbers(4))).y!.data[0]).toBe(9);
  });

  it('answers in the order of the requests', async () => {
    const worker = await start();
    const done: number[] = [];
    const requests = [0, 1, 2, 3, 4].map(async (i) => {
      const { y } = await worker.run(numbers(i));
      done.push(y!.data[0] as number);
    });
    expect(worker.waiting).toBe(4);
    await Promise.all(requests);
    expect(done).toEqual([1, 3, 5, 7, 9]);
  });

  it('refuses a request beyond the bound of the queue, and takes others when there is room again', async () => {
    const worker = await start(2);
    const requests = [1, 2, 3].map((i) => worker.run(numbers(i)));
    await expect(worker.run(numbers(4))).rejects.toThrow(InferenceQueueFullError);
    expect((await Promise.all(requests)).map(({ y }) => y!.data[0])).toEqual([3, 5, 7]);
    expect((await worker.run(numbers(4))).y!.data[0]).toBe(9);
  });

  it('gives up a request that is aborted before it is sent, while it waits and while it runs', async () => {
    const worker = await start();
    await expect(worker.run(numbers(1), { signal: AbortSignal.abort('early') })).rejects.toBe('early');
    const [running, waiting] = [new AbortController(), new AbortController()];
    const first = worker.run(numbers(1), { signal: running.signal });
    const second = worker.run(numbers(2), { signal: waiting.signal });
    const third = worker.run(numbers(3));
    waiting.abort('late');
    expect(worker.waiting).toBe(1);
    running.abort(new Error('stop'));
    await expect(first).rejects.toThrow('stop');
    await expect(second).rejects.toBe('late');
    expect((await third).y!.data[0]).toBe(7);
    running.abort();
  });

  it.each([
    ['exits', exit, /exit code 3/],
    ['throws', { throw: { data: Int32Array.of(0), shape: [1] } }, /thrown in the thread/],
  ])(
    'rejects the request during which its thread %s, and runs the next ones in a new thread',
    async (_, inputs, message) => {
      const worker = await start();
      const [before, crash, after] = [worker.run(numbers(1)), worker.run(inputs), worker.run(numbers(2))];
      const error = await crash.catch((error: unknown) => error);
      expect(error).toBeInstanceOf(InferenceWorkerCrashError);
      expect((error as Error).message).toMatch(message);
      expect((await before).y!.data[0]).toBe(3);
      expect((await after).y!.data[0]).toBe(5);
    },
  );

  it('says so if there is no model any more for the new thread, and goes on when there is', async () => {
    const copy = join(folder, 'copy.onnx');
    writeFileSync(copy, readFileSync(path));
    const worker = await InferenceWorker.start(copy, { threads: 1 }, crashingThread);
    open.push(worker);
    await expect(worker.run(exit)).rejects.toThrow(InferenceWorkerCrashError);
    rmSync(copy);
    await expect(worker.run(numbers(1))).rejects.toThrow(InferenceModelError);
    writeFileSync(copy, readFileSync(path));
    expect((await worker.run(numbers(1))).y!.data[0]).toBe(3);
  });

  it.each([
    [{ threads: 1e6 }, 'a whole number, 1 to'],
    [{ threads: 0 }, 'a whole number, 1 to'],
    [{ maxQueue: Number.NaN }, 'a whole number, 0 or more, or Infinity'],
    [{ maxQueue: '8' }, 'Received: "8"'],
    [{ maxQueu: 8 }, 'There is no option "maxQueu"'],
    [null, 'Expected: an object'],
  ])('refuses the options %j before it makes a thread', async (options, message) => {
    const error = await createInferenceWorker(path, options as never).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InferenceOptionsError);
    expect(String(error)).toContain(message);
  });

  it('refuses what is no model', async () => {
    for (const model of ['', {}, undefined])
      await expect(createInferenceWorker(model as never)).rejects.toThrow(InferenceOptionsError);
  });

  it('refuses what is no model, and inputs that the model does not have', async () => {
    await expect(createInferenceWorker(join(folder, 'missing.onnx'))).rejects.toThrow(InferenceModelError);
    await expect(createInferenceWorker(Uint8Array.of(1, 2, 3))).rejects.toThrow(InferenceModelError);
    const worker = await start();
    await expect(worker.run({ z: numbers(1).x! })).rejects.toThrow(InferenceRequestError);
    await expect(worker.run({ x: { data: Int32Array.of(1), shape: [1] } })).rejects.toThrow(InferenceRequestError);
    expect((await worker.run(numbers(1))).y!.data[0]).toBe(3);
  });

  it('rejects what runs and waits when it is closed, and what comes after', async () => {
    const worker = await start();
    const requests = [worker.run(numbers(1)), worker.run(numbers(2))];
    const outcomes = Promise.allSettled(requests);
    await worker.close();
    for (const outcome of await outcomes) {
      expect(outcome.status === 'rejected' && outcome.reason).toBeInstanceOf(InferenceWorkerClosedError);
    }
    await expect(worker.run(numbers(3))).rejects.toThrow(InferenceWorkerClosedError);
    await worker.close();
  });
});
