import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the tests' process puts into a file as it loads it. */
export interface Seed {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** An empty file here says that it was put in. */
  readonly witness: string;
}

/** How the tests ended. */
export interface TestResult {
  readonly passed: number;
  readonly failed: number;
  /** The first test that failed. */
  readonly firstFailure: string | undefined;
  /** Whether the seed was put in. */
  readonly seeded: boolean;
  /** What the process printed, where it gave no result. */
  readonly output: string;
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
const vitest = join(createRequire(import.meta.url).resolve('vitest/package.json'), '../vitest.mjs');

/** Runs test files, up to the first failure, with a fault in one of the sources, or none. */
export async function runTests(
  tests: readonly string[],
  folder: string,
  seed?: Omit<Seed, 'witness'>,
): Promise<TestResult> {
  const [report, witness] = [join(folder, 'report.json'), join(folder, 'witness')];
  for (const file of [report, witness]) rmSync(file, { force: true });
  const args = [
    'run',
    ...tests,
    ...roomsOf(tests),
    '--config',
    'vitest.mutate.config.ts',
    '--bail=1',
    '--reporter=json',
  ];
  const child = spawn(process.execPath, [vitest, ...args, `--outputFile=${report}`], {
    cwd: root,
    env: { ...process.env, ...(seed && { MUTANT: JSON.stringify({ ...seed, witness } satisfies Seed) }) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-20_000);
    });
  }
  await new Promise((resolve) => child.on('close', resolve));
  return { ...(existsSync(report) ? read(report) : nothing), seeded: existsSync(witness), output };
}

/** The options that name the rooms of some tests, and that of tests which replace modules: to set up one takes a fraction of what all do. */
function roomsOf(tests: readonly string[]): string[] {
  const rooms = tests.map((test) => /^(?:packages|apps\/examples|apps|tools)\/([^/]+)/.exec(test)![1]!);
  return [...new Set([...rooms, 'alone'])].flatMap((room) => ['--project', room]);
}

const nothing = { passed: 0, failed: 0, firstFailure: undefined };

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numFailedTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

function read(path: string) {
  const report = JSON.parse(readFileSync(path, 'utf8')) as Report;
  const failures = report.testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
  );
  const unloaded = report.testResults.find(({ message }) => message !== '');
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests || report.numFailedTestSuites,
    firstFailure: failures[0] ?? unloaded?.message.split('\n')[0],
  };
}
