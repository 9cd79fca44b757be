import { Worker } from 'node:worker_threads';
import { OnnxBackendError } from '../errors';
import { checkInputs } from './check-inputs';
import { InferenceModelError, InferenceRequestError, InferenceWorkerCrashError } from './inference-errors';
import { buffersOf, type InferenceTensors, type ThreadMessage, type ThreadSetup } from './inference-tensor';

interface Waiting {
  readonly resolve: (message: ThreadMessage) => void;
  readonly reject: (error: Error) => void;
}

/** Names of a model's inputs and outputs. */
export interface ModelNames {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
}

/** A worker thread that has loaded a model. It keeps the process alive only while it works. */
export class ThreadHandle {
  #waiting: Waiting | null = null;
  #failure: unknown;
  #isEnding = false;
  #ended = false;

  readonly #worker: Worker;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (message: ThreadMessage) => this.#waiting?.resolve(message));
    worker.on('error', (error) => {
      this.#failure = error;
    });
    worker.on('exit', (code) => {
      this.#ended = true;
      this.#waiting?.reject(crash(code, this.#failure));
    });
  }

  /**
   * @param file the thread's program
   * @throws InferenceModelError if the model cannot be loaded
   * @throws InferenceWorkerCrashError if the thread ends before it is
   */
  static async start(file: URL, setup: ThreadSetup): Promise<{ thread: ThreadHandle; names: ModelNames }> {
    const thread = new ThreadHandle(new Worker(programOf(file), { workerData: setup }));
    const message = await thread.#reply(() => {});
    if (message.kind === 'loaded') return { thread, names: message };
    await thread.end();
    throw new InferenceModelError('The model could not be loaded.', {
      expected: 'an ONNX model that ONNX Runtime can run',
      received: 'reason' in message ? message.reason : message.kind,
      hint: 'Check the path, or export the model again.',
    });
  }

  get isAlive(): boolean {
    return !this.#ended;
  }

  /**
   * Runs the model; one request at a time.
   *
   * @param transfer true to hand the arrays' memory over, which leaves them empty
   * @throws InferenceRequestError if the inputs cannot be sent, or the model refuses them
   * @throws InferenceWorkerCrashError if the thread ends meanwhile
   */
  async run(inputs: InferenceTensors, transfer: boolean): Promise<InferenceTensors> {
    checkInputs(inputs);
    const message = await this.#reply(() => this.#worker.postMessage(inputs, transfer ? buffersOf(inputs) : [])).catch(
      (cause) => {
        throw cause instanceof OnnxBackendError ? cause : refused((cause as Error).message, cause);
      },
    );
    if (message.kind === 'done') return message.outputs;
    throw refused('reason' in message ? message.reason : message.kind);
  }

  /** Ends the thread. */
  async end(): Promise<void> {
    this.#isEnding = true;
    await this.#worker.terminate();
  }

  async #reply(ask: () => void): Promise<ThreadMessage> {
    this.#worker.ref();
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting = { resolve, reject };
        if (this.#ended) reject(crash(null, this.#failure));
        else ask();
      });
    } finally {
      this.#waiting = null;
      if (!this.#isEnding) this.#worker.unref(); // else somebody waits for its end, which an answer may come before
    }
  }
}

/** From sources, as in tests, the thread's program is TypeScript, which tsx has to load; the built one needs no loader. */
function programOf(file: URL): URL {
  if (!file.pathname.endsWith('.ts')) return file;
  const [tsx, target] = [import.meta.resolve('tsx/esm/api'), file.href].map((text) => JSON.stringify(text));
  const program = `import { register } from ${tsx}; register(); await import(${target});`;
  return new URL(`data:text/javascript,${encodeURIComponent(program)}`);
}

function refused(received: string, cause?: unknown): InferenceRequestError {
  return new InferenceRequestError('The model could not be run.', {
    expected: 'inputs with the names, types and shapes that the model declares',
    received,
    hint: "Compare them with the worker's inputNames and with what the model was exported for.",
    cause,
  });
}

function crash(code: number | null, cause: unknown): InferenceWorkerCrashError {
  return new InferenceWorkerCrashError('The worker thread ended while it was needed.', {
    expected: 'an answer of the worker thread',
    received: cause instanceof Error ? cause.message : `its end with exit code ${code}`,
    hint: 'The next request starts a new thread. If it happens again with the same inputs, they are the cause.',
    cause,
  });
}
