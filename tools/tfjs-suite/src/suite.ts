// Runs inside the bundle, in a process of its own: node suite.cjs <backend> <passes> [part of a spec's name].
// The order of these imports is the order in which they take effect.
import { jasmineEnvironment } from './jasmine-globals';
import '@tensorflow/tfjs';
import { onnxBackend } from './environment';
import '@tensorflow/tfjs-core/dist/tests';
import type { Failure, Message, Pass } from './protocol';

const passes = Number(process.argv[3]);
const filter = process.argv[4] ?? '';

/** TensorFlow.js asks for whole stack traces, which makes thrown errors, of which specs expect many, slow. */
Error.stackTraceLimit = 10;

jasmineEnvironment.configure({
  specFilter: (spec: { getFullName(): string }) => spec.getFullName().includes(filter),
});

let pass = 0;
let counts = { passed: 0, excluded: 0, done: 0 };
let failures: Failure[] = [];
let globalErrors: string[] = [];

jasmineEnvironment.addReporter({
  specDone({ status, fullName, failedExpectations }) {
    if (status === 'excluded') counts.excluded++;
    if (status === 'passed') counts.passed++;
    if (status === 'failed') {
      failures.push({ spec: fullName, messages: failedExpectations.map(({ message }) => message) });
    }
    if (status !== 'passed' && status !== 'failed') return;
    counts.done++;
    if (counts.done % 100 === 0) report({ kind: 'progress', done: counts.done, failed: failures.length, pass });
  },
  suiteDone({ failedExpectations }) {
    globalErrors.push(...failedExpectations.map(({ message }) => message));
  },
});

void run();

async function run(): Promise<void> {
  const results: Pass[] = [];
  const compilations: number[] = [];
  for (pass = 1; pass <= passes; pass++) {
    counts = { passed: 0, excluded: 0, done: 0 };
    failures = [];
    globalErrors = [];
    const before = onnxBackend?.statistics().compilations ?? 0;
    const start = performance.now();
    const overall = await jasmineEnvironment.execute();
    globalErrors.push(...overall.failedExpectations.map(({ message }) => message));
    const seconds = (performance.now() - start) / 1000;
    results.push({ passed: counts.passed, excluded: counts.excluded, failures, globalErrors, seconds });
    if (onnxBackend !== null) compilations.push(onnxBackend.statistics().compilations - before);
  }
  const fallbacks = onnxBackend?.statistics().fallbacks ?? {};
  report({ kind: 'done', passes: results, compilations, fallbacks });
  process.disconnect?.();
}

function report(message: Message): void {
  process.send?.(message);
}
