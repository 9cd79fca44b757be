import type { Serializable } from 'node:child_process';
import { fork } from 'node:child_process';

/** How processes are run. */
export interface ProcessOptions<Message> {
  /** A program that listens to one message, its job, and answers with messages. */
  readonly script: string;
  /** How many run at once. */
  readonly workers: number;
  /** Ends those that run. */
  readonly signal: AbortSignal;
  readonly onMessage: (message: Message) => void;
}

/**
 * Runs each job in a process of its own, some at a time, in their order.
 *
 * @throws the reason of the signal where that aborts; Error, once all others have ended, where a process fails
 */
export async function runProcesses<Message>(
  jobs: readonly Serializable[],
  { script, workers, signal, onMessage }: ProcessOptions<Message>,
): Promise<void> {
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const waiting = [...jobs];
  const work = async () => {
    for (let job = waiting.shift(); job !== undefined && !stop.aborted; job = waiting.shift()) {
      await runProcess(job, script, stop, onMessage as (message: unknown) => void).catch((error) =>
        failed.abort(error),
      );
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  signal.throwIfAborted();
  failed.signal.throwIfAborted();
}

function runProcess(
  job: Serializable,
  script: string,
  signal: AbortSignal,
  onMessage: (message: unknown) => void,
): Promise<void> {
  const child = fork(script, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], serialization: 'advanced', execArgv: [] });
  const stop = () => child.kill('SIGKILL'); // it writes nothing that could be half there
  signal.addEventListener('abort', stop);
  let errors = '';
  child.stderr!.on('data', (chunk) => {
    errors = (errors + chunk).slice(-4000);
  });
  child.on('message', onMessage);
  child.send(job);
  return new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      signal.removeEventListener('abort', stop);
      if (code === 0 || signal.aborted) resolve();
      else reject(new Error(`A process ended early, at ${JSON.stringify(job).slice(0, 200)}:\n${errors}`));
    });
  });
}
