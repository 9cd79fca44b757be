import type { BudgetName } from './budget';
import type { Figures } from './measure-model';
import type { MethodName } from './methods';

/** What a process of its own does: all trainings of a method on a task. */
export interface Job {
  readonly budget: BudgetName;
  /** The name of a task, or `controls` for all of these. */
  readonly group: TaskGroup;
  readonly method: MethodName;
  /** Where the tasks lie, as `writeTasks` put them. */
  readonly data: string;
  /** What an earlier start finished. */
  readonly finished: readonly Training[];
}

/** What trainings are budgeted together. */
export type TaskGroup = 'digits' | 'sort-of-clevr' | 'controls';

/** One training and its figures: with a seed, or with the first one and an irrelevant modality beside. */
export interface Training {
  readonly task: string;
  readonly method: MethodName;
  readonly seed: number;
  readonly rate: number;
  readonly validation: number;
  readonly figures: Figures;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** The most memory that the process has had resident thus far. */
  readonly peakRssBytes: number;
}
