// Compares every kernel with TensorFlow.js's cpu backend over random cases, gradients included:
//   pnpm fuzz:onnx [--seed 1] [--draws 200] [--case "part of a case's name"]
import { parseArgs } from 'node:util';
import '@tensorflow/tfjs'; // the cpu backend, and gradients, which the core's Node build leaves out
import * as tf from '@tensorflow/tfjs-core';
import { fallbackKernelNames, nativeKernelNames, registerOnnxBackend } from '../../register-onnx-backend';
import { kernelCases } from '../cases';
import type { Input } from '../cases/input';
import { compute, type KernelCase } from '../cases/kernel-case';
import { Random } from '../cases/random';
import { type Comparison, compare } from './compare';
import { shrink } from './shrink';
import type { Wildness } from './wild-random';

const { values: options } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: {
    seed: { type: 'string', default: '1' },
    draws: { type: 'string', default: '200' },
    case: { type: 'string', default: '' },
  },
});
const drawsPerCase = Number(options.draws);

const backend = registerOnnxBackend();
console.warn = () => {}; // it says that shapes keep changing
const cases = Object.entries(kernelCases).flatMap(([group, list]) =>
  list.filter(({ name }) => name.includes(options.case)).map((kernelCase: KernelCase) => ({ group, kernelCase })),
);

const kernelsOfCase = new Map<KernelCase, string[]>();
for (const { kernelCase } of cases) kernelsOfCase.set(kernelCase, await kernelsOf(kernelCase));

const drawn = new Map<string, number>();
const failures: string[] = [];
let [done, compared] = [0, 0];
for (const { group, kernelCase } of cases) {
  await fuzz(group, kernelCase);
  done++;
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${cases.length} cases, ${failures.length} faults `);
  else if (done % 50 === 0) process.stderr.write(`${done} of ${cases.length} cases, ${failures.length} faults\n`);
}
report();

async function fuzz(group: string, kernelCase: KernelCase): Promise<void> {
  const kernels = kernelsOfCase.get(kernelCase)!;
  for (let draw = 0; draw < drawsPerCase; draw++) {
    const wildness = wildnessOf(group, kernelCase, draw);
    const comparison = await compare(kernelCase, Number(options.seed) * 1_000_003 + draw, wildness);
    compared++;
    for (const kernel of kernels) drawn.set(kernel, (drawn.get(kernel) ?? 0) + 1);
    if (comparison.problem === null) continue;
    failures.push(await describe(kernelCase, comparison, wildness));
    return; // one fault a case at a time
  }
}

/**
 * Every other draw has special values. Where terms are summed up, the order of the sum decides which large ones
 * overflow, and what a convolution multiplies its padding with decides where infinities become NaN.
 */
function wildnessOf(group: string, { leavesOpen = [] }: KernelCase, draw: number): Wildness {
  const isOdd = draw % 2 === 1;
  const multipliesPadding = group === 'image kernels' || group === 'kernels of volumes' || group === 'resizing kernels';
  return {
    specialValues: isOdd && !multipliesPadding,
    largeValues: isOdd && group === 'element-wise kernels',
    wildShapes: draw % 4 > 1,
    leavesOpen,
  };
}

async function describe(kernelCase: KernelCase, comparison: Comparison, wildness: Wildness): Promise<string> {
  const fails = async (choices: readonly number[]) => (await compare(kernelCase, choices, wildness)).problem !== null;
  const smallest = await compare(kernelCase, await shrink(comparison.choices, fails), wildness);
  const shown = smallest.problem === null ? comparison : smallest;
  return `${kernelCase.name}\n${shown.call.inputs.map(textOf).join('')}  ${shown.problem}\n`;
}

function textOf({ dtype, shape, values }: Input): string {
  const list = values.slice(0, 24).map((value) => (Object.is(value, -0) ? '-0' : String(value)));
  return `  ${dtype}[${shape}] ${list.join(' ')}${values.length > 24 ? ' …' : ''}\n`;
}

async function kernelsOf(kernelCase: KernelCase): Promise<string[]> {
  await tf.setBackend('onnx');
  const { kernelNames } = await tf.profile(() => {
    compute(kernelCase.make(new Random(1)), kernelCase.gradient ?? false);
    return tf.scalar(0);
  });
  return kernelNames.filter((name) => tf.getKernel(name, 'onnx') !== undefined);
}

function report(): void {
  for (const failure of failures) console.log(failure);
  const kernels = options.case === '' ? [...nativeKernelNames(), ...fallbackKernelNames()] : [...drawn.keys()];
  const few = kernels.filter((kernel) => (drawn.get(kernel) ?? 0) < drawsPerCase);
  console.log(
    `seed ${options.seed}: ${kernels.length} kernels, ${cases.length} cases, ${compared} draws compared, ` +
      `${failures.length} cases with a fault; ${backend.statistics().compilations} programs compiled`,
  );
  if (few.length > 0 && failures.length === 0) console.log(`fewer than ${drawsPerCase} draws: ${few.join(', ')}`);
  process.exitCode = failures.length > 0 || few.length > 0 ? 1 : 0;
}
