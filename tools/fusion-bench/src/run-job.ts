import { peakRssBytes } from '@polymodal/bench/peak-memory';
import { budgets, type TaskBudget } from './budget';
import type { Job, Training } from './job';
import { measureModel } from './measure-model';
import type { MethodName } from './methods';
import { readTasks } from './task-files';
import type { Task } from './tasks/task';
import { withIrrelevant } from './tasks/with-irrelevant';
import { TestFeatures } from './test-features';
import { type Trained, trainModel, tuneModel } from './train-model';

/** Does the trainings of a job that are not finished, one after the other. */
export async function* runJob({ budget: name, group, method, data, finished }: Job): AsyncGenerator<Training> {
  const { seeds, tasks } = budgets[name];
  const budget: TaskBudget = tasks[group];
  for (const task of await readTasks(data, group)) {
    const known = (of: string, seed: number) => finished.find((own) => own.task === of && own.seed === seed);
    let test: TestFeatures | undefined;
    let rate = known(task.name, 0)?.rate;
    for (let seed = 0; seed < seeds; seed++) {
      if (known(task.name, seed)) continue;
      const trained =
        rate === undefined
          ? await tuneModel(method, task, budget, seed)
          : await trainModel(method, task, budget, { rate, seed });
      rate = trained.rate;
      test ??= await TestFeatures.prepare(trained.model, task);
      yield await measure(trained, method, task, seed, test);
    }
    if (!budget.irrelevant) continue;
    const beside = withIrrelevant(task);
    if (known(beside.name, 0)) continue;
    const trained = await trainModel(method, beside, budget, { rate: rate!, seed: 0 });
    yield await measure(trained, method, beside, 0, await TestFeatures.prepare(trained.model, beside));
  }
}

async function measure(
  { model, ...training }: Trained,
  method: MethodName,
  task: Task,
  seed: number,
  test: TestFeatures,
): Promise<Training> {
  try {
    const figures = await measureModel(model, method, task, test);
    return { task: task.name, method, seed, ...training, figures, peakRssBytes: peakRssBytes() };
  } finally {
    model.dispose();
  }
}
