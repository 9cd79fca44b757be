import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Answer, Request } from './protocol';

/** A program that takes part in a bench. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * A program that runs in a process of its own and works when it is told to, so that contenders can take turns without
 * starting anew.
 */
export class Contender<Result> {
  private constructor(
    private readonly child: ChildProcessByStdio<Writable, Readable, Readable>,
    private readonly answers: AsyncIterator<Answer<Result>>,
    /** From the start of the process until it was ready, in milliseconds. */
    readonly startMs: number,
  ) {}

  /** Starts a program; gives null if it, or what it needs, is not installed. */
  static async start<Result>({ command, args }: Program): Promise<Contender<Result> | null> {
    const start = performance.now();
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const exists = new Promise<boolean>((resolve) => {
      child.once('spawn', () => resolve(true));
      child.once('error', () => resolve(false));
    });
    const answers = readAnswers<Result>(child, [command, ...args].join(' '));
    if (!(await exists)) return null;
    const { kind } = await next(answers);
    return kind === 'ready' ? new Contender(child, answers, performance.now() - start) : null;
  }

  /** Starts those of some programs, in their order, that are installed. */
  static async startAll<Result, Name extends string>(
    programs: Readonly<Record<Name, Program>>,
    names: readonly Name[],
  ): Promise<Partial<Record<Name, Contender<Result>>>> {
    const contenders: Partial<Record<Name, Contender<Result>>> = {};
    for (const name of names) {
      const contender = await Contender.start<Result>(programs[name]);
      if (contender) contenders[name] = contender;
    }
    return contenders;
  }

  /** Lets it do its work so many times in a row. */
  async run(times: number): Promise<Result> {
    const answer = await this.ask({ run: times });
    if (answer.kind !== 'result') throw new Error(`expected a result, not ${answer.kind}`);
    return answer.result;
  }

  /** Ends it. Gives its peak memory. */
  async finish(): Promise<number> {
    const answer = await this.ask({ finish: true });
    this.child.stdin.end();
    if (answer.kind !== 'finished') throw new Error(`expected the end, not ${answer.kind}`);
    return answer.peakRssBytes;
  }

  private ask(request: Request): Promise<Answer<Result>> {
    this.child.stdin.write(`${JSON.stringify(request)}\n`);
    return next(this.answers);
  }
}

/** The JSON lines of a process; libraries may print others. */
async function* readAnswers<Result>(
  child: ChildProcessByStdio<Writable, Readable, Readable>,
  name: string,
): AsyncGenerator<Answer<Result>, never> {
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors = (errors + chunk).slice(-4000);
  });
  for await (const line of createInterface(child.stdout)) {
    if (line.startsWith('{"kind"')) yield JSON.parse(line) as Answer<Result>;
  }
  throw new Error(`${name} ended early:\n${errors}`);
}

async function next<Result>(answers: AsyncIterator<Answer<Result>>): Promise<Answer<Result>> {
  const { value } = await answers.next();
  return value as Answer<Result>;
}
