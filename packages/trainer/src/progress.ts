import { parseConfig } from '@polymodal/core';
import { type GenericFormatter, MultiBar, type SingleBar } from 'cli-progress';
import { z } from 'zod';

/** A stream that progress is written to: `process.stderr`, a file, … */
export type ProgressStream = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** Where progress may be shown. */
export const progressSchema = z.custom<boolean | ProgressStream>(
  (value) => typeof value === 'boolean' || typeof Object(value).write === 'function',
  'true, false or a stream',
);

/** Says how far a task is. */
export interface ProgressBar {
  /** Begins a task of `total` units. */
  start(task: string, total: number, done?: number): void;
  /**
   * @param note    what is worth seeing now, for people: the loss, say
   * @param figures the same for programs
   */
  update(done: number, note?: string, figures?: object): void;
  stop(): void;
  /** A line of its own that stays. */
  say(line: string): void;
}

/**
 * A progress bar on a terminal, a line of JSON every ten seconds elsewhere, nothing for `false`. `true` is standard error.
 *
 * ```json
 * {"progress":"Training","done":20,"total":100,"secondsLeft":40,"epoch":1,"loss":0.31,"samplesPerSecond":812,"dataWait":0.01}
 * ```
 *
 * @throws ConfigError for what is neither
 */
export function progressBar(target: boolean | ProgressStream): ProgressBar {
  parseConfig(progressSchema, target, 'progress');
  if (target === false) return { start() {}, update() {}, stop() {}, say() {} };
  const stream: ProgressStream = target === true ? process.stderr : target;
  return stream.isTTY ? terminalBar(stream) : lineProgress(stream);
}

function terminalBar(stream: ProgressStream): ProgressBar {
  let bars: MultiBar | undefined;
  let bar: SingleBar | undefined;
  let pace: Pace | undefined;
  return {
    start(task, total, done = 0) {
      pace = new Pace(total, done);
      const format: GenericFormatter = (_, { progress, value }, { note, remaining }) => {
        const parts = [task, blocks(progress), `${value}/${total}`, note, remaining].filter(Boolean);
        return parts.join('  ').slice(0, ((stream as NodeJS.WriteStream).columns ?? 80) - 1);
      };
      // Lines are cut above, so the terminal keeps its wrapping, also if the process is killed.
      bars = new MultiBar({ stream, format, clearOnComplete: true, linewrap: true, fps: 8 });
      bar = bars.create(total, done, { note: '', remaining: '' });
    },
    update(done, note = '') {
      const seconds = pace?.secondsLeft(done);
      bar?.update(done, { note, remaining: seconds === undefined ? '' : `${formatSeconds(seconds)} left` });
    },
    stop() {
      bars?.stop();
      [bars, bar] = [undefined, undefined];
    },
    say(line) {
      if (!bars) stream.write(`${line}\n`);
      bars?.log(`${line}\n`);
      bars?.update();
    },
  };
}

function blocks(progress: number): string {
  const full = Math.round(24 * progress);
  return '█'.repeat(full) + '░'.repeat(24 - full);
}

const lineInterval = 10_000; // ms

function lineProgress(stream: ProgressStream): ProgressBar {
  let task = '';
  let pace = new Pace(0, 0);
  let total = 0;
  let last = 0;
  return {
    start(name, size, done = 0) {
      [task, total, last] = [name, size, performance.now()];
      pace = new Pace(size, done);
    },
    update(done, note, figures = note ? { note } : {}) {
      if (performance.now() - last < lineInterval) return;
      last = performance.now();
      const seconds = pace.secondsLeft(done);
      const left = seconds === undefined ? {} : { secondsLeft: Math.round(seconds) };
      stream.write(`${JSON.stringify({ progress: task, done, total, ...left, ...figures })}\n`);
    },
    stop() {},
    say(line) {
      stream.write(`${line}\n`);
    },
  };
}

/** Time that remains, from the pace so far. */
class Pace {
  readonly #begin = performance.now();

  readonly #total: number;
  readonly #alreadyDone: number;

  constructor(total: number, alreadyDone: number) {
    this.#total = total;
    this.#alreadyDone = alreadyDone;
  }

  secondsLeft(done: number): number | undefined {
    const seconds = (performance.now() - this.#begin) / 1000;
    const own = done - this.#alreadyDone;
    return own <= 0 || seconds < 1 ? undefined : (seconds / own) * (this.#total - done);
  }
}

/** `48 s`, `3 min 05 s`, `2 h 07 min`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}
