import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What all contenders hear. */
export interface WhisperWorkload {
  readonly model: string;
  /** By case, the paths of what is heard, and how many at a time. */
  readonly cases: Readonly<Record<string, { readonly files: readonly string[]; readonly batch: number }>>;
}

/** What a contender did. */
export interface WhisperResult {
  readonly ms: number;
  /** Of all threads. */
  readonly cpuMs: number;
  readonly texts: readonly string[];
}

export const workloadFile = 'workload.json';

export function readWorkload(folder: string): WhisperWorkload {
  return JSON.parse(readFileSync(join(folder, workloadFile), 'utf8')) as WhisperWorkload;
}

/** Times what writes the texts of a case. */
export async function timed(write: () => Promise<string[]>): Promise<WhisperResult> {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const texts = await write();
  const { user, system } = process.cpuUsage(cpu);
  return { ms: performance.now() - start, cpuMs: (user + system) / 1000, texts };
}
