import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { replaceFile } from '@polymodal/core/node';
import type { TaskGroup } from './job';
import type { Task } from './tasks/task';

/** Writes tasks for the processes that train on them, so that none makes the data anew, or has in memory what makes them. */
export async function writeTasks(folder: string, group: TaskGroup, tasks: readonly Task[]): Promise<void> {
  await replaceFile(pathOf(folder, group), serialize(tasks));
}

/** Reads what {@link writeTasks} wrote. */
export async function readTasks(folder: string, group: TaskGroup): Promise<Task[]> {
  return deserialize(await readFile(pathOf(folder, group)));
}

function pathOf(folder: string, group: TaskGroup): string {
  return join(folder, `${group}.v8`);
}
