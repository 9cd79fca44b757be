// Runs in the worker thread: loads the model, then answers one request at a time.
import { parentPort, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import {
  buffersOf,
  type InferenceArray,
  type InferenceTensor,
  type InferenceTensors,
  type InferenceType,
  type ThreadMessage,
  type ThreadSetup,
} from './inference-tensor';

const port = parentPort!;
const session = await load(workerData as ThreadSetup);
if (session !== null) {
  port.on('message', (inputs: InferenceTensors) => void answer(session, inputs));
  port.on('messageerror', (error) => say({ kind: 'failed', reason: error.message }));
}

async function load({ model, threads }: ThreadSetup): Promise<InferenceSession | null> {
  try {
    const options = { logSeverityLevel: 4, ...(threads === undefined ? {} : { intraOpNumThreads: threads }) } as const;
    const session = await (typeof model === 'string'
      ? InferenceSession.create(model, options)
      : InferenceSession.create(model, options));
    say({ kind: 'loaded', inputNames: session.inputNames, outputNames: session.outputNames });
    return session;
  } catch (error) {
    say({ kind: 'not loaded', reason: reasonOf(error) });
    return null;
  }
}

async function answer(session: InferenceSession, inputs: InferenceTensors): Promise<void> {
  try {
    const results = await session.run(mapValues(inputs, toTensor));
    const outputs = mapValues(results as Record<string, Tensor>, fromTensor);
    say({ kind: 'done', outputs }, buffersOf(outputs));
  } catch (error) {
    say({ kind: 'failed', reason: reasonOf(error) });
  }
}

function toTensor({ data, shape, type }: InferenceTensor): Tensor {
  return new Tensor((type ?? typeOf(data)) as 'float32', data as Float32Array, shape);
}

/** Copied where the memory is shared with something else, which would lose it when it is handed over. */
function fromTensor({ data, dims, type }: Tensor): InferenceTensor {
  const array = data as InferenceArray;
  const isWhole = array.byteLength === array.buffer.byteLength;
  return { data: isWhole ? array : array.slice(), shape: [...dims], type: type as InferenceType };
}

function typeOf(data: InferenceArray): InferenceType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Float64Array) return 'float64';
  if (data instanceof Int32Array) return 'int32';
  if (data instanceof Int8Array) return 'int8';
  if (data instanceof BigInt64Array) return 'int64';
  return 'bool';
}

function say(message: ThreadMessage, memory: ArrayBuffer[] = []): void {
  port.postMessage(message, memory);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
