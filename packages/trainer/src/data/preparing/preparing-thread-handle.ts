import { Worker } from 'node:worker_threads';
import { type PreparedSample, reportedError } from '@polymodal/core';
import { WorkerError } from '../../errors/worker-error';
import { unpackSample } from './packed-sample';
import { plainCopy } from './plain-copy';
import type { Prepared, PreparingTask } from './sample-preparer';
import type { TaskMessage, ThreadMessage, ThreadSetup } from './thread-messages';

/** By this a thread knows that it is one. */
export const threadMark = 'polymodal: prepares samples';

const programFile = new URL(
  import.meta.url.endsWith('.ts') ? './preparing-thread.ts' : './preparing-thread.js',
  import.meta.url,
);

/** A thread works at so many at a time, one of which has ended it. */
const mostTold = 4;

interface Waiting {
  readonly where: string;
  /** Takes what the thread answers. */
  readonly settle: (answer: ThreadAnswer) => void;
  readonly reject: (error: unknown) => void;
}

type ThreadAnswer = Extract<ThreadMessage, { kind: 'prepared' | 'recalled' }>;

/** A thread that prepares samples. It keeps the process alive only while it works. */
export class PreparingThreadHandle {
  readonly #waiting = new Map<number, Waiting>();
  readonly #worker: Worker;
  readonly #started: Promise<void>;
  #next = 0;
  #isEnding = false;
  #failure: unknown;
  #end: WorkerError | undefined;

  constructor(setup: ThreadSetup) {
    this.#worker = new Worker(programOf(programFile), {
      workerData: { mark: threadMark, setup },
      // Built, it takes over how the process loads modules. From sources it is told.
      ...(isSource(programFile) && { execArgv: ['--conditions=@polymodal/source'] }),
    });
    this.#worker.on('error', (error) => {
      this.#failure = error;
    });
    this.#started = new Promise((resolve, reject) => {
      this.#worker.on('exit', (code) => reject(this.#ended(code)));
      this.#worker.on('message', (message: ThreadMessage) => {
        if (message.kind === 'ready') {
          this.#rest();
          resolve();
        } else if (message.kind === 'not ready') reject(reportedError(message.error));
        else this.#settle(message);
      });
    });
    this.#started.catch(() => {}); // who waits for it is told
  }

  /** @throws ConfigError for processors that cannot be made there, WorkerError for a thread that ends */
  started(): Promise<void> {
    return this.#started;
  }

  /** Samples that it has not answered yet. */
  get load(): number {
    return this.#waiting.size;
  }

  /** @throws SampleError for what cannot be read, or sent; WorkerError for a thread that has ended */
  async prepare(task: PreparingTask): Promise<Prepared> {
    const { where, mayKeep, key } = task;
    const { value: sample, memory } = plainCopy(task.sample, where);
    const message = { kind: 'prepare', sample, key: key?.state, where, mayKeep } as const;
    const made = (await this.#ask(message, where, memory as ArrayBuffer[])) as Extract<
      ThreadAnswer,
      { kind: 'prepared' }
    >;
    const { packed, isRandom, keptBytes, key: kept, augmented } = made;
    const { targets } = augmented ?? task.sample;
    return { prepared: unpackSample(packed), targets, isRandom, keptBytes, key: kept };
  }

  /** @throws WorkerError for a thread that has ended */
  async recall(key: string): Promise<PreparedSample | undefined> {
    const { packed } = await this.#ask({ kind: 'recall', key }, 'what is kept on disk');
    return packed && unpackSample(packed);
  }

  #ask(
    message: DistributiveOmit<TaskMessage, 'id'>,
    where: string,
    memory: readonly ArrayBuffer[] = [],
  ): Promise<ThreadAnswer> {
    if (this.#end) throw this.#end;
    const id = this.#next++;
    return new Promise((settle, reject) => {
      this.#waiting.set(id, { where, settle, reject });
      this.#worker.ref();
      this.#worker.postMessage({ ...message, id }, memory as ArrayBuffer[]);
    });
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    await this.#worker.terminate();
  }

  /** Keeps the process alive no longer, unless somebody waits for its end, which answers that were under way may come before. */
  #rest(): void {
    if (!this.#isEnding) this.#worker.unref();
  }

  #settle(message: Exclude<ThreadMessage, { kind: 'ready' | 'not ready' }>): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (this.#waiting.size === 0) this.#rest();
    if (!waiting) return; // it has ended meanwhile
    if (message.kind === 'failed') waiting.reject(reportedError(message.error));
    else waiting.settle(message);
  }

  /** What is said to all that wait for it. */
  #ended(code: number): WorkerError {
    const cause = this.#failure;
    const tasks = [...this.#waiting.values()];
    const begun = tasks.slice(0, mostTold); // in their order
    const received = cause instanceof Error ? cause.message : `its end with exit code ${code}`;
    this.#end = new WorkerError({
      where: begun.map(({ where }) => where).join(' or ') || 'train.workers',
      expected: 'a thread that prepares samples, to the end of training',
      received,
      hint: /memory/i.test(received)
        ? 'Give Node more memory (node --max-old-space-size=8000), use fewer workers, or look at these samples.'
        : 'What reads these samples ended the thread. Without workers the same would end the process.',
      cause,
    });
    this.#waiting.clear();
    for (const { reject } of tasks) reject(this.#end);
    return this.#end;
  }
}

/** Of each member of a union. */
type DistributiveOmit<T, Name extends PropertyKey> = T extends unknown ? Omit<T, Name> : never;

function isSource(file: URL): boolean {
  return file.pathname.endsWith('.ts');
}

/** From sources, as in tests, the thread's program is TypeScript, which tsx has to load; the built one needs no loader. */
function programOf(file: URL): URL {
  if (!isSource(file)) return file;
  const [tsx, target] = [import.meta.resolve('tsx/esm/api'), file.href].map((text) => JSON.stringify(text));
  const program = `import { register } from ${tsx}; register(); await import(${target});`;
  return new URL(`data:text/javascript,${encodeURIComponent(program)}`);
}
