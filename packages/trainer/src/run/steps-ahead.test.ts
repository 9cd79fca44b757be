import { expect, it } from 'vitest';
import type { SourceBatch, SourcePositions, StageBatches } from '../data/stage-batches';
import { StepsAhead } from './steps-ahead';

/** Epochs of five batches, called by their epoch and place. */
const batches = {
  rest: ({ data: { epoch, batch } }: SourcePositions) =>
    [0, 1, 2, 3, 4].slice(batch).map((place) => `${epoch}.${place}`),
  afterEpoch: ({ data: { epoch } }: SourcePositions) => ({ data: { epoch: epoch + 1, batch: 0 } }),
} as unknown as StageBatches;

function stepsAhead(depth: number, assemble: (name: string) => Promise<string>) {
  const options = { from: { data: { epoch: 3, batch: 1 } }, steps: 4, accumulate: 2, depth };
  return new StepsAhead(batches, { ...options, assemble: (batch: SourceBatch) => assemble(String(batch)) });
}

it('gives the steps of a stage from where it stands, over the ends of epochs, and no step more', async () => {
  const begun: string[] = [];
  const ahead = stepsAhead(2, async (name) => {
    begun.push(name);
    return name;
  });
  const steps: unknown[] = [];
  for (let step = 0; step < 4; step++) steps.push((await ahead.next()).assembled);
  expect(steps).toEqual([
    ['3.1', '3.2'],
    ['3.3', '3.4'],
    ['4.0', '4.1'],
    ['4.2', '4.3'],
  ]);
  expect(begun).toEqual(steps.flat());
});

it('assembles as many steps ahead as it may, whatever comes of them', async () => {
  const begun: string[] = [];
  const ahead = stepsAhead(2, async (name) => {
    begun.push(name);
    if (name === '4.0') throw new RangeError(name);
    return name;
  });
  expect(begun).toEqual([]);
  await ahead.next();
  expect(begun).toEqual(['3.1', '3.2', '3.3', '3.4', '4.0', '4.1']);
  await ahead.next();
  await expect(ahead.next()).rejects.toThrow('4.0');
});
