import type { Model, Sample } from '@polymodal/core';
import { evaluate, train } from '@polymodal/trainer';
import type { TaskBudget } from './budget';
import { dispensable, type MethodName, methodModel } from './methods';
import type { Task } from './tasks/task';

/** A trained model, and what training it took. */
export interface Trained {
  readonly model: Model;
  readonly rate: number;
  /** Accuracy on the validation data. */
  readonly validation: number;
  readonly seconds: number;
  /** Of processor time: what a busy machine does not change much. */
  readonly cpuSeconds: number;
}

/** Trains a model for a task. */
export async function trainModel(
  method: MethodName,
  task: Task,
  { epochs, batchSize, modalityDropout }: TaskBudget,
  { rate, seed }: { readonly rate: number; readonly seed: number },
): Promise<Trained> {
  const model = methodModel(method, task, seed);
  const before = process.cpuUsage();
  const { seconds } = await train(model, {
    data: task.train,
    epochs,
    batchSize,
    learningRate: rate,
    weightDecay: 0.05,
    warmup: 0.1,
    modalityDropout: Object.fromEntries(dispensable(method, task).map((slot) => [slot, modalityDropout])),
    seed,
    progress: false,
  });
  const { user, system } = process.cpuUsage(before);
  return {
    model,
    rate,
    validation: await accuracyOf(model, task.validation),
    seconds,
    cpuSeconds: (user + system) / 1e6,
  };
}

/** Trains with each rate and keeps the model that does best on the validation data, the one of the first rate where several do. */
export async function tuneModel(method: MethodName, task: Task, budget: TaskBudget, seed: number): Promise<Trained> {
  let best: Trained | undefined;
  for (const rate of budget.rates) {
    const trained = await trainModel(method, task, budget, { rate, seed });
    if (best && trained.validation <= best.validation) {
      trained.model.dispose();
      continue;
    }
    best?.model.dispose();
    best = trained;
  }
  return best!;
}

async function accuracyOf(model: Model, samples: readonly Sample[]): Promise<number> {
  const figures = await evaluate(model, samples, { progress: false });
  return figures.answer!.metrics.accuracy!;
}
