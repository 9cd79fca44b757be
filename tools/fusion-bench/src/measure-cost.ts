import { median } from '@polymodal/bench/median';
import { peakRssBytes } from '@polymodal/bench/peak-memory';
import { costOf, type Sample } from '@polymodal/core';
import type { TaskGroup } from './job';
import { type MethodName, methodModel } from './methods';
import { readTasks } from './task-files';
import type { Task } from './tasks/task';

/** What a process measures of an untrained model, alone on the machine. */
export interface CostJob {
  readonly group: TaskGroup;
  readonly method: MethodName;
  readonly data: string;
}

/** What one method costs on one task. */
export interface Cost {
  /** Of the fusion and the head, and of the whole model. */
  readonly parameters: { readonly fusion: number; readonly model: number };
  /** Of one sample with all modalities. */
  readonly multiplyAdds: number;
  /** Median time of predicting one sample, features prepared. */
  readonly msAlone: number;
  /** Median time of a sample in a batch of 64. */
  readonly msInBatch: number;
  /** The most memory that a process which only predicts has had, over what it had with the model made. */
  readonly predictingBytes: number;
}

const batchSize = 64;

/** Measures what a model costs that predicts. */
export async function measureCost({ group, method, data }: CostJob): Promise<Cost> {
  const [task] = await readTasks(data, group);
  const samples = task.test.slice(0, batchSize);
  const model = methodModel(method, task, 0);
  const before = process.memoryUsage.rss();
  const { parameters, multiplyAdds } = await costOf(model, samples.slice(0, 1).map(withoutTargets));
  const prepared = await Promise.all(samples.map((sample) => model.prepare(withoutTargets(sample))));
  const msAlone = await medianMs(40, () => model.predictPrepared(prepared.slice(0, 1)));
  const msInBatch = (await medianMs(15, () => model.predictPrepared(prepared, { batchSize }))) / batchSize;
  const sum = (counts: readonly number[]) => counts.reduce((total, own) => total + own, 0);
  return {
    parameters: {
      fusion: sum(Object.entries(parameters).map(([part, count]) => (part.startsWith('encoders.') ? 0 : count))),
      model: sum(Object.values(parameters)),
    },
    multiplyAdds,
    msAlone,
    msInBatch,
    predictingBytes: Math.max(0, peakRssBytes() - before),
  };
}

function withoutTargets({ targets: _, ...values }: Task['test'][number]): Sample {
  return values;
}

/** Of so many calls, after a few that compile. */
async function medianMs(calls: number, call: () => Promise<unknown>): Promise<number> {
  for (let index = 0; index < 3; index++) await call();
  const times: number[] = [];
  for (let index = 0; index < calls; index++) {
    const start = performance.now();
    await call();
    times.push(performance.now() - start);
  }
  return median(times);
}
