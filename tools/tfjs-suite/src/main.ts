// The own test suite of TensorFlow.js on the ONNX, cpu and wasm backends:
//   pnpm test:tfjs [--backend onnx] [--filter "part of a spec's name"] [--verbose]
// and on node and webgpu, where these are named and installed.
import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleSuite } from './bundle';
import { assertInstalled } from './external-backend';
import { type BackendName, externalBackends, type Message, workspaceBackends } from './protocol';

/**
 * Specs that TensorFlow.js 4.22.0 enables under Node: two of them, about switching cpu backends, on cpu only, and some
 * only where values can be read synchronously.
 */
const enabledSpecs: Readonly<Record<BackendName, number>> = {
  cpu: 4227,
  onnx: 4225,
  wasm: 4225,
  node: 4225,
  webgpu: 4166,
};

type Outcome = Extract<Message, { kind: 'done' }>;

const { values: options } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: {
    backend: { type: 'string', multiple: true },
    filter: { type: 'string', default: '' },
    verbose: { type: 'boolean', default: false },
  },
});
const chosen = (options.backend ?? [...workspaceBackends]).map(backendNameOf);

const suite = await bundleSuite();
const outcomes = new Map<BackendName, Outcome>();
for (const backend of chosen) outcomes.set(backend, await runSuite(backend));

const problems: string[] = [];
for (const [backend, outcome] of outcomes) describe(backend, outcome);
for (const problem of problems) console.log(`PROBLEM: ${problem}`);
console.log(JSON.stringify(Object.fromEntries([...outcomes].map(([name, outcome]) => [name, summaryOf(outcome)]))));
process.exitCode = problems.length > 0 ? 1 : 0;

function backendNameOf(name: string): BackendName {
  const external = externalBackends.find((known) => known === name);
  if (external !== undefined) assertInstalled(external);
  const backend = external ?? workspaceBackends.find((known) => known === name);
  if (backend !== undefined) return backend;
  throw new RangeError(`--backend is one of ${[...workspaceBackends, ...externalBackends].join(', ')}, not ${name}`);
}

/** In a process of its own, since every backend is tested from a fresh engine. ONNX runs twice, to test its cache. */
function runSuite(backend: BackendName): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const passes = backend === 'onnx' ? '2' : '1';
    const child = fork(suite, [backend, passes, options.filter], {
      execArgv: [],
      // TensorFlow's own log: specs provoke errors on purpose.
      env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    let outcome: Outcome | null = null;
    child.on('message', (message: Message) => {
      if (message.kind === 'done') outcome = message;
      else showProgress(backend, message);
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (process.stderr.isTTY) process.stderr.write('\n');
      if (outcome !== null) resolve(outcome);
      else reject(new Error(`The suite on ${backend} ended early (${signal ?? `exit code ${code}`}).`));
    });
  });
}

function showProgress(backend: BackendName, { pass, done, failed }: Extract<Message, { kind: 'progress' }>): void {
  const line = `${backend}, pass ${pass}: ${done} of ${options.filter ? 'the chosen' : enabledSpecs[backend]} specs, ${failed} failed`;
  if (process.stderr.isTTY) process.stderr.write(`\r${line}`);
  else if (done % 1000 === 0) process.stderr.write(`${line}\n`);
}

function summaryOf({ passes }: Outcome) {
  const { passed, failures, excluded } = passes[0]!;
  return { passed, failed: failures.length, excluded };
}

function describe(backend: BackendName, outcome: Outcome): void {
  const { passed, failed, excluded } = summaryOf(outcome);
  const seconds = outcome.passes.map((pass) => `${pass.seconds.toFixed(0)} s`).join(' + ');
  console.log(`${backend.padEnd(6)} ${passed} passed, ${failed} failed, ${excluded} excluded (${seconds})`);
  if (options.filter === '' && passed + failed !== enabledSpecs[backend]) {
    problems.push(`${backend} ran ${passed + failed} specs, not ${enabledSpecs[backend]}.`);
  }
  if (failed > 0) listFailures(backend, outcome);
  if (backend === 'onnx') describeOnnx(outcome);
}

function listFailures(backend: BackendName, { passes }: Outcome): void {
  const text = passes[0]!.failures.map(({ spec, messages }) => `${spec}\n  ${messages.join('\n  ')}\n`).join('');
  const file = join(dirname(suite), `failures-${backend}.txt`);
  writeFileSync(file, text);
  console.log(options.verbose ? text : `      failing specs: ${file}`);
}

function describeOnnx({ passes, compilations, fallbacks }: Outcome): void {
  const list = Object.entries(fallbacks).sort(([, a], [, b]) => b - a);
  console.log(`      compiled ${compilations[0]} programs in the first pass, ${compilations[1]} in the second`);
  console.log(
    `      left to the cpu backend: ${list.map(([kernel, times]) => `${kernel} ${times}`).join(', ') || 'none'}`,
  );
  if (passes[0]!.failures.length > 0) problems.push(`onnx fails ${passes[0]!.failures.length} specs.`);
  if (compilations[1] !== 0) problems.push(`onnx compiled ${compilations[1]} programs anew in the second pass.`);
  const first = passes[0]!.failures.map(({ spec }) => spec);
  const second = passes[1]!.failures.map(({ spec }) => spec);
  if (String(first) !== String(second)) problems.push('onnx fails other specs in the second pass than in the first.');
}
