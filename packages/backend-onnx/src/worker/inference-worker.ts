import { checkOptions } from './check-options';
import { InferenceQueueFullError, InferenceWorkerClosedError } from './inference-errors';
import type { InferenceTensors, ThreadSetup } from './inference-tensor';
import { type ModelNames, ThreadHandle } from './thread-handle';

/** Options of {@link createInferenceWorker}. */
export interface InferenceWorkerOptions {
  /** Requests that may wait while one runs (default 64). */
  readonly maxQueue?: number;
  /** Threads that one operation may use, at most four for each core; ONNX Runtime decides by default. */
  readonly threads?: number;
}

/** Options of {@link InferenceWorker.run}. */
export interface InferenceRunOptions {
  /**
   * Gives the request up: at once for the caller. One that waits is not run; one that runs already cannot be
   * interrupted, and the next starts when it is done.
   */
  readonly signal?: AbortSignal;
  /** True to hand the memory of the inputs over instead of copying it: the arrays are empty afterwards. */
  readonly transfer?: boolean;
}

interface Request {
  readonly inputs: InferenceTensors;
  readonly transfer: boolean;
  readonly settled: () => boolean;
  readonly resolve: (outputs: InferenceTensors) => void;
  readonly reject: (reason: unknown) => void;
}

const threadFile = new URL(
  import.meta.url.endsWith('.ts') ? './inference-thread.ts' : './inference-thread.js',
  import.meta.url,
);

/**
 * Loads an ONNX model in a worker thread of its own, so that running it does not block this one.
 *
 * ```ts
 * const worker = await createInferenceWorker('classify.onnx', { maxQueue: 16 });
 * const { output } = await worker.run({ x: { data: new Float32Array(16), shape: [1, 16] } });
 * console.log(output?.shape, output?.data);
 * await worker.close();
 * ```
 *
 * @param model path or bytes
 * @throws InferenceOptionsError for an option that is unknown or out of its range
 * @throws InferenceModelError if it cannot be loaded
 * @throws InferenceWorkerCrashError if the thread ends meanwhile
 */
export async function createInferenceWorker(
  model: string | Uint8Array,
  options: InferenceWorkerOptions = {},
): Promise<InferenceWorker> {
  checkOptions(model, options);
  return InferenceWorker.start(model, options, threadFile);
}

/** A model in a worker thread. Requests run one at a time, in their order. */
export class InferenceWorker {
  readonly #queue: Request[] = [];
  #running: Request | null = null;
  #isClosed = false;

  readonly #setup: ThreadSetup;
  readonly #maxQueue: number;
  readonly #file: URL;
  #thread: ThreadHandle;
  readonly #names: ModelNames;

  private constructor(setup: ThreadSetup, maxQueue: number, file: URL, thread: ThreadHandle, names: ModelNames) {
    this.#setup = setup;
    this.#maxQueue = maxQueue;
    this.#file = file;
    this.#thread = thread;
    this.#names = names;
  }

  /** @internal */
  static async start(
    model: string | Uint8Array,
    { maxQueue = 64, threads }: InferenceWorkerOptions,
    file: URL,
  ): Promise<InferenceWorker> {
    const setup = { model, ...(threads === undefined ? {} : { threads }) };
    const { thread, names } = await ThreadHandle.start(file, setup);
    return new InferenceWorker(setup, maxQueue, file, thread, names);
  }

  get inputNames(): readonly string[] {
    return this.#names.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.#names.outputNames;
  }

  /** How many requests wait, apart from the one that runs. */
  get waiting(): number {
    return this.#queue.length;
  }

  /**
   * Runs the model.
   *
   * @throws InferenceRequestError if the inputs cannot be sent, or the model refuses them
   * @throws InferenceQueueFullError if as many requests wait as may
   * @throws InferenceWorkerCrashError if the thread ends meanwhile; the next request gets a new one
   * @throws InferenceWorkerClosedError if the worker is closed
   * @throws the signal's reason if it is aborted
   */
  run(inputs: InferenceTensors, { signal, transfer = false }: InferenceRunOptions = {}): Promise<InferenceTensors> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      if (this.#isClosed) throw closed();
      if (this.#running !== null && this.#queue.length >= this.#maxQueue) throw full(this.#maxQueue);
      let isSettled = false;
      const settle = <T>(how: (value: T) => void) => {
        return (value: T) => {
          isSettled = true;
          signal?.removeEventListener('abort', onAbort);
          how(value);
        };
      };
      const request: Request = {
        inputs,
        transfer,
        settled: () => isSettled,
        resolve: settle(resolve),
        reject: settle(reject),
      };
      const onAbort = () => this.#giveUp(request, signal!.reason);
      signal?.addEventListener('abort', onAbort);
      this.#queue.push(request);
      if (this.#running === null) void this.#work();
    });
  }

  /** Ends the thread. What runs or waits is rejected with an InferenceWorkerClosedError. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const request of this.#queue.splice(0)) request.reject(closed());
    this.#running?.reject(closed());
    await this.#thread.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #work(): Promise<void> {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      this.#running = next;
      try {
        const thread = await this.#aliveThread();
        if (!next.settled()) next.resolve(await thread.run(next.inputs, next.transfer));
      } catch (error) {
        next.reject(error);
      }
      this.#running = null;
    }
  }

  async #aliveThread(): Promise<ThreadHandle> {
    if (this.#thread.isAlive) return this.#thread;
    const { thread } = await ThreadHandle.start(this.#file, this.#setup);
    if (this.#isClosed) await thread.end();
    else this.#thread = thread;
    return thread;
  }

  #giveUp(request: Request, reason: unknown): void {
    const position = this.#queue.indexOf(request);
    if (position >= 0) this.#queue.splice(position, 1);
    request.reject(reason);
  }
}

function full(maxQueue: number): InferenceQueueFullError {
  return new InferenceQueueFullError('Too many requests wait for the model.', {
    expected: `at most ${maxQueue} waiting requests`,
    received: 'one more',
    hint: 'Wait for earlier ones, send fewer and larger batches, or raise maxQueue.',
  });
}

function closed(): InferenceWorkerClosedError {
  return new InferenceWorkerClosedError('The worker is closed.', {
    expected: 'a worker that is open',
    received: 'a request at or before close()',
    hint: 'Close it when all requests are answered, or create another one.',
  });
}
