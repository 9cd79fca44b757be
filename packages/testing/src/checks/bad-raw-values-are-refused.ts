import { describeValue, SampleError } from '@polymodal/core';
import type { ProcessorCase } from '../cases/processor-case';
import { expectFeatures } from '../compare/expect-features';
import { ConformanceError } from '../conformance-error';

/** Hardly a modality can read these: those that one takes, its case names. */
const unreadable: readonly unknown[] = [null, undefined, () => 0, Symbol('raw'), {}, Number.NaN, true, new Date(0)];
/** Some modality may take these for a value; if not, they are to be refused like the others. */
const doubtful: readonly unknown[] = [
  '',
  ' ',
  'no such file \u0000',
  0,
  -1,
  [],
  [null],
  new Uint8Array(0),
  new Uint8Array([1, 2, 3]),
  new Float32Array(0),
  new Float32Array([Number.NaN]),
];

/** A raw value that cannot be read gives a SampleError that says what was expected, never another error or features. */
export async function badRawValuesAreRefused(subject: ProcessorCase): Promise<void> {
  for (const raw of [...unreadable, ...subject.invalid]) {
    if ((await isRefused(subject, raw)) || subject.takes(raw)) continue;
    throw new ConformanceError({
      where: `${subject.name}, raw value ${describeValue(raw)}`,
      expected: 'a SampleError',
      received: 'features',
    });
  }
  for (const raw of doubtful) await isRefused(subject, raw);
}

async function isRefused(subject: ProcessorCase, raw: unknown): Promise<boolean> {
  const where = `${subject.name}, raw value ${describeValue(raw)}`;
  try {
    expectFeatures(where, await subject.processor.process(raw, { training: false }));
    return false;
  } catch (error) {
    if (error instanceof SampleError) return true;
    if (error instanceof ConformanceError) throw error;
    throw new ConformanceError({ where, expected: 'a SampleError', received: String(error), cause: error });
  }
}
