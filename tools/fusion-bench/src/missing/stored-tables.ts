import { fileURLToPath } from 'node:url';

/** Where the table of a task is stored. */
export function tablePath(task: string): string {
  return fileURLToPath(new URL(`../../tables/${task}.json`, import.meta.url));
}
