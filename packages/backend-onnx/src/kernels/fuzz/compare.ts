import * as tf from '@tensorflow/tfjs-core';
import {
  type Call,
  compute,
  difference,
  expectedOf,
  type KernelCase,
  precisionOf,
  type Result,
} from '../cases/kernel-case';
import { type Wildness, WildRandom } from './wild-random';

/** What a case drew, and where the two backends differ on it; `problem` is null if they agree. */
export interface Comparison {
  readonly call: Call;
  readonly choices: readonly number[];
  readonly problem: string | null;
}

/** Computes one draw of a case on the cpu backend and on this one; where the first throws the second has to, too. */
export async function compare(
  kernelCase: KernelCase,
  source: number | readonly number[],
  wildness: Wildness,
): Promise<Comparison> {
  const random = new WildRandom(source, wildness);
  const call = kernelCase.make(random);
  const gradient = (kernelCase.gradient ?? false) && call.inputs.some(({ dtype }) => dtype === 'float32');
  // A case may go on drawing while it is computed: both backends have to get the same.
  const again = () => kernelCase.make(new WildRandom(random.choices.slice(), wildness));
  const expected = await outcomeOf(() => expectedOf(again(), gradient));
  await tf.setBackend('onnx');
  const actual = await outcomeOf(() => compute(again(), gradient));
  return { call, choices: random.choices, problem: problemOf(actual, expected, precisionOf(kernelCase, call)) };
}

async function outcomeOf(run: () => Result[] | Promise<Result[]>): Promise<Result[] | Error> {
  try {
    return await run();
  } catch (error) {
    return error as Error;
  }
}

function problemOf(
  actual: Result[] | Error,
  expected: Result[] | Error,
  precision: ReturnType<typeof precisionOf>,
): string | null {
  if (expected instanceof Error) {
    return actual instanceof Error ? null : `gives a result where the cpu backend throws: ${expected.message}`;
  }
  if (actual instanceof Error) return `throws: ${actual.message}`;
  for (const [i, result] of actual.entries()) {
    const problem = difference(result, expected[i]!, precision);
    if (problem !== null) return `result ${i} of ${actual.length}: ${problem}`;
  }
  return null;
}
