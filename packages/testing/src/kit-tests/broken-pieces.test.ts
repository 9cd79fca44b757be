import { type Divided, type DividingProcessor, defineProcessor, hostTensor, SampleError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { processorCase } from '../cases/processor-case';
import { piecesAreValues } from '../checks/pieces-are-values';
import { randomSignal } from '../doubles/random-signal';
import { ReferenceProcessor, type ReferenceRow } from '../doubles/reference-processor';
import { complaint } from './complaint';

type Pieces = Divided<ReferenceRow>;

/** Signals are divided into their steps, side by side, and the whole; what is changed of that, the kit is to notice. */
async function complaintOf(change: (made: Pieces, raw: unknown) => Pieces | Promise<Pieces>): Promise<string> {
  const reference = new ReferenceProcessor(4);
  const divide: DividingProcessor['divide'] = (raw) => {
    const whole = reference.process(raw);
    const { data, shape } = whole.values;
    const steps = Array.from({ length: shape[0] }, (_, step) => ({
      values: hostTensor(data.slice(3 * step, 3 * step + 3), [1, 3]),
    }));
    return change({ values: [...steps, whole], grid: [1, steps.length] }, raw);
  };
  const create = () => Object.assign(new ReferenceProcessor(4), { divide });
  const subject = await processorCase(defineProcessor({ config: z.object({}), create }), { sample: randomSignal });
  return complaint(() => piecesAreValues(subject));
}

describe('the kit finds a processor of pieces', () => {
  let count = 0;

  it.each<[string, Parameters<typeof complaintOf>[0], string]>([
    ['gives none', ({ grid }) => ({ values: [], grid }), 'expected at least one value'],
    [
      'has a larger grid than pieces',
      ({ values }) => ({ values, grid: [2, values.length] }),
      'a grid of rows and columns that holds no more of them',
    ],
    [
      'makes other features of them',
      ({ values, grid }) => ({
        values: values.map(({ values: own }) => ({ values: { ...own, data: Int32Array.from(own.data) } })),
        grid,
      }),
      'features of piece 0',
    ],
    [
      'gives others each time',
      ({ values, grid }) => ({
        values: values.map(({ values: own }) => ({ values: { ...own, data: own.data.map((x) => x + count++) } })),
        grid,
      }),
      'divided again, piece 0',
    ],
    [
      'gives more each time',
      ({ values }) => ({ values: [...values, ...Array(count++).fill(values[0])], grid: [0, 0] }),
      'divided again',
    ],
  ])('that %s', async (_, change, message) => {
    expect(await complaintOf(change)).toContain(message);
  });

  it('that gives another error than a SampleError for what it cannot read', async () => {
    const said = complaintOf((made, raw) => {
      if (raw instanceof Float32Array) return made;
      throw new SampleError({ expected: 'signals', received: 'another value' });
    });
    await expect(said).rejects.toThrow('let the part pass'); // so far it is as it should be
    const reference = new ReferenceProcessor(4);
    const divide = (raw: unknown): Pieces => {
      if (!(raw instanceof Float32Array)) throw new TypeError('no signal');
      return { values: [reference.process(raw)], grid: [0, 0] };
    };
    const create = () => Object.assign(new ReferenceProcessor(4), { divide });
    const subject = await processorCase(defineProcessor({ config: z.object({}), create }), { sample: randomSignal });
    expect(await complaint(() => piecesAreValues(subject))).toMatch(/divide\(\).*expected a SampleError/);
  });
});
