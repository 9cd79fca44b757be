// Trains, and compiles, for long in a process of its own, and fails if memory grows past a bound:
//   pnpm check:memory [--steps 5000] [--programs 2000]
import { parseArgs } from 'node:util';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import * as tf from '@tensorflow/tfjs';
import { manyShapes } from './many-shapes';
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
const shapes = await watchMemory(programs, manyShapes());
const end = { ...tf.memory(), ...backend.statistics() };

const compiled = end.compilations - trained.compilations;
const released = end.compilations - end.programs;
const faults = [
  ...growthFaults(`${steps} training steps`, training),
  ...growthFaults(`${programs} programs`, shapes),
  ...(compiled < programs ? [`only ${compiled} programs were compiled for ${programs} shapes`] : []),
  ...(end.programs > maxPrograms ? [`${end.programs} programs are kept, more than ${maxPrograms}`] : []),
  ...(trained.compilations > 8 ? [`training compiled ${trained.compilations} programs`] : []),
];

print(`${steps} training steps`, training);
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
