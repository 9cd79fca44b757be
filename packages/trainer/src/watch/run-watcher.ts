import { join } from 'node:path';
import { describeThrown, PolymodalError } from '@polymodal/core';
import { isLocked, workshopName } from '@polymodal/core/node';
import type { EpochRecord } from '../run/epoch-record';
import { runStatus } from '../run/run-folder';
import type { StepRecord } from '../run/step-record';
import { RunMetrics } from './run-metrics';

/** A run, as its folder shows it at a moment. */
export interface WatchedRun {
  readonly name: string;
  /** `begun` has a process and no step yet; `interrupted` has none, and is not finished. */
  readonly state: 'begun' | 'running' | 'interrupted' | 'finished' | 'damaged';
  /** What is wrong with a folder that is damaged, or what of it cannot be read. */
  readonly fault?: string | undefined;
  readonly steps: readonly StepRecord[];
  readonly epochs: readonly EpochRecord[];
  /** Until the last step, at the pace of the last steps, where it runs. */
  readonly secondsLeft?: number | undefined;
}

/** Steps whose pace says how long the rest will take. */
const recent = 50;

/** Follows a run by its folder, of which nothing is changed. */
export class RunWatcher {
  readonly #name: string;
  readonly #directory: string;
  readonly #metrics: RunMetrics;

  constructor(name: string, directory: string) {
    this.#name = name;
    this.#directory = directory;
    this.#metrics = new RunMetrics(join(directory, 'metrics.jsonl'));
  }

  /** What the folder shows now. What cannot be read is told as its fault. */
  async look(): Promise<WatchedRun> {
    let state: WatchedRun['state'] = 'damaged';
    let fault: string | undefined;
    try {
      await this.#metrics.update();
      state = await this.#state();
      const { damagedLines } = this.#metrics;
      if (damagedLines > 0) fault = `metrics.jsonl has ${damagedLines} lines that cannot be read.`;
    } catch (error) {
      if (!PolymodalError.isInstance(error)) throw error;
      fault = describeThrown(error);
    }
    const { steps, epochs } = this.#metrics;
    const secondsLeft = state === 'running' ? remaining(steps) : undefined;
    return { name: this.#name, state, fault, steps, epochs, secondsLeft };
  }

  async #state(): Promise<WatchedRun['state']> {
    if (runStatus(this.#directory) === 'finished') return 'finished';
    if (!(await isLocked(join(this.#directory, workshopName, 'lock')))) return 'interrupted';
    return this.#metrics.steps.length > 0 ? 'running' : 'begun';
  }
}

function remaining(steps: readonly StepRecord[]): number | undefined {
  const [first, last] = [steps.at(-recent) ?? steps[0], steps.at(-1)];
  if (!first || !last || last.step === first.step) return undefined;
  const pace = (last.pace.seconds - first.pace.seconds) / (last.step - first.step);
  return Math.max(0, pace) * (last.totalSteps - last.step);
}
