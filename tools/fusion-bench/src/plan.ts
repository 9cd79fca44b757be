import { type BudgetName, budgets } from './budget';
import type { Job, TaskGroup, Training } from './job';
import { applies, type MethodName } from './methods';
import type { Task } from './tasks/task';

/** What is trained, and how many trainings come of it. */
export interface Plan {
  readonly jobs: readonly Job[];
  /** Those that are not finished. */
  readonly trainings: number;
}

/** One job for each method and group of tasks that it applies to, unless it is finished; method by method. */
export function planJobs(
  groups: Readonly<Record<TaskGroup, readonly Task[]>>,
  methods: readonly MethodName[],
  budget: BudgetName,
  data: string,
  finished: readonly Training[],
): Plan {
  const { seeds, tasks: budgetOf } = budgets[budget];
  let trainings = 0;
  const jobs: Job[] = [];
  for (const method of methods) {
    for (const [group, tasks] of Object.entries(groups) as [TaskGroup, readonly Task[]][]) {
      if (!applies(method, tasks[0])) continue;
      const names = tasks.flatMap(({ name }) => [name, `${name}, irrelevant`]);
      const own = finished.filter((training) => training.method === method && names.includes(training.task));
      const all = seeds * tasks.length + (budgetOf[group].irrelevant ? 1 : 0);
      if (own.length >= all) continue;
      trainings += all - own.length;
      jobs.push({ budget, group, method, data, finished: own });
    }
  }
  return { jobs, trainings };
}
