// Trains, and compiles, for long in a process of its own, and fails if memory grows past a bound:
//   pnpm check:memory [--steps 5000] [--programs 2000]
import { parseArgs } from 'node:util';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import * as tf from '@tensorflow/tfjs-core';
import { manyShapes } from './many-shapes';
import { mixedSteps } from './mixed-steps';
import { type MemoryReport, watchMemory } from './resident-memory';
import { trainingSteps } from './training-steps';

const { values: options } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: { steps: { type: 'string', default: '5000' }, programs: { type: 'string', default: '2000' } },
});
const [steps, programs] = [Number(options.steps), Number(options.programs)];

const maxPrograms = 128;
/** What a loop may add after a tenth of it: the heaps of V8 and of the C library breathe by about this much. */
const maxGrowth = 24 * 2 ** 20;

const backend = registerOnnxBackend({ maxPrograms });
await tf.setBackend('onnx');
console.warn = () => {}; // it says that shapes keep changing, which is the point here

const training = await watchMemory(steps, trainingSteps());
const trained = { ...tf.memory(), ...backend.statistics() };
const before = process.memoryUsage.rss();
const oneBytes = (await watchMemory(20, mixedSteps(1))).largestBytes - before;
const mixedBytes = (await watchMemory(60, mixedSteps(12))).largestBytes - before;
const kept = backend.statistics();
const shapes = await watchMemory(programs, manyShapes());
const end = { ...tf.memory(), ...backend.statistics() };

const compiled = end.compilations - kept.compilations;
const released = end.compilations - end.programs;
/** The memory of one step that is kept, that of another which comes and goes, and what the C library holds on to. */
const maxMixed = 3 * oneBytes + maxGrowth;
const faults = [
  ...(mixedBytes > maxMixed
    ? [`steps of twelve shapes took ${mebibytes(mixedBytes)}, more than ${mebibytes(maxMixed)}`]
    : []),
  ...growthFaults(`${steps} training steps`, training),
  ...growthFaults(`${programs} programs`, shapes),
  ...(compiled < programs ? [`only ${compiled} programs were compiled for ${programs} shapes`] : []),
  ...(end.programs > maxPrograms ? [`${end.programs} programs are kept, more than ${maxPrograms}`] : []),
  ...(trained.compilations > 8 ? [`training compiled ${trained.compilations} programs`] : []),
];

print(`${steps} training steps`, training);
console.log(`steps of twelve shapes: +${mebibytes(mixedBytes)} at most, those of one shape ${mebibytes(oneBytes)}`);
print(`${programs} programs of different shapes`, shapes);
console.log(
  `sessions: ${end.compilations} compiled, ${released} released, ${end.programs} kept (at most ${maxPrograms})`,
);
console.log(`tensors at the end: ${end.numTensors}; arrays kept for the next: ${mebibytes(end.pooledBytes)}`);
for (const fault of faults) console.log(`FAULT: ${fault}`);
console.log(
  JSON.stringify({
    check: 'memory',
    boundBytes: maxGrowth,
    training: { steps, ...training },
    mixed: { oneBytes, bytes: mixedBytes, boundBytes: maxMixed },
    shapes: { programs, ...shapes },
    sessions: { compiled: end.compilations, released, kept: end.programs },
    faults: faults.length,
  }),
);
process.exitCode = faults.length > 0 ? 1 : 0;

function growthFaults(what: string, { growthBytes, tensorGrowth }: MemoryReport): string[] {
  return [
    ...(growthBytes > maxGrowth ? [`${what} took ${mebibytes(growthBytes)} more memory`] : []),
    ...(tensorGrowth !== 0 ? [`${what} left ${tensorGrowth} tensors behind`] : []),
  ];
}

function print(what: string, { warmBytes, endBytes, growthBytes, largestBytes }: MemoryReport): void {
  console.log(
    `${what}: ${mebibytes(warmBytes)} after a tenth, ${mebibytes(endBytes)} at the end ` +
      `(${growthBytes < 0 ? '−' : '+'}${mebibytes(Math.abs(growthBytes))}, at most ${mebibytes(largestBytes)})`,
  );
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
