import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';

/** A process that writes. */
export interface WritingProcess {
  readonly child: ChildProcess;
  /** When it begins to write. */
  readonly ready: Promise<void>;
  /** All that it said before it ended, errors included. */
  readonly ended: Promise<string>;
}

/** Starts the program, through another command if one is given. */
export function startChild(
  program: string,
  args: readonly string[],
  { through = [], ...options }: SpawnOptions & { readonly through?: readonly string[] } = {},
): WritingProcess {
  const [command, ...rest] = [...through, process.execPath, program, ...args];
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let said = '';
  let isReady = () => {};
  const ready = new Promise<void>((resolve) => {
    isReady = resolve;
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (text) => {
      said += text;
      if (said.includes('READY')) isReady();
    });
  }
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(String(error)));
    child.on('close', () => resolve(said));
  });
  return { child, ready: Promise.race([ready, ended.then(() => undefined)]), ended };
}

/** The last line of what a process said, as JSON; undefined where it is none. */
export function lastLine(said: string): unknown {
  try {
    return JSON.parse(said.trim().split('\n').at(-1) ?? '');
  } catch {
    return undefined;
  }
}
