import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BackendName } from '@polymodal/core';
import type { Report } from './program';

/** How the program is run, beside the defaults. */
interface RunOptions {
  readonly node?: string;
  /** Variables to add to the environment. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Runs the program in a scratch folder; it has to end by itself. */
export async function runProgram(
  folder: string,
  backend: BackendName | 'best',
  { node = process.execPath, variables = {} }: RunOptions = {},
): Promise<Report> {
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3', ...variables };
  const options = { cwd: folder, env, timeout: 120_000 };
  const { stdout } = await promisify(execFile)(node, [join(folder, 'program.mjs'), backend], options);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Report;
}
