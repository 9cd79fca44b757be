import { type Model, RandomKey } from '@polymodal/core';
import { expect, it } from 'vitest';
import { CombinationSampler } from './combination-sampler';
import type { FeatureStore } from './feature-store';
import { batchShapes, programsOf } from './programs-of';
import type { SampleShape } from './sample-shape';

const modelOf = (...widths: readonly number[]) =>
  ({ encoders: Object.fromEntries(widths.map((hiddenSize, i) => [`slot${i}`, { hiddenSize }])) }) as unknown as Model;

// A layer of width D over N tokens takes some 12 N D² multiplications: a hundred million are worth a program.
it('has layers compiled of which each encoder takes about a hundred million multiplications', () => {
  expect(programsOf(modelOf(384), 60, () => 5)).toBe('layers');
  expect(programsOf(modelOf(384), 50, () => 5)).toBe('steps');
  expect(programsOf(modelOf(64), 2048, () => 5)).toBe('layers');
  expect(programsOf(modelOf(64), 2000, () => 5)).toBe('steps');
});

it('goes by the smallest encoder, and what it has of the tokens', () => {
  expect(programsOf(modelOf(384, 64), 4096, () => 5)).toBe('layers');
  expect(programsOf(modelOf(384, 64), 2048, () => 5)).toBe('steps');
});

it('has whole steps compiled where there are few shapes', () => {
  expect(programsOf(modelOf(384), 2048, () => 4)).toBe('steps');
});

it('counts the shapes in which batches come: combinations, lengths, what cannot be padded, and a smaller last one', () => {
  const text = (tokens: number): SampleShape => ({ text: { lengths: { tokens } } });
  const image = (height: number): SampleShape => ({ image: { fixed: [height] } });
  const count = (shapes: readonly SampleShape[]) =>
    batchShapes([
      {
        store: { shapes } as unknown as FeatureStore,
        sampler: new CombinationSampler(shapes, { batchSize: 4, epochs: 1000, key: RandomKey.from(0) }),
      },
    ]);
  expect(count(new Array<SampleShape>(8).fill(text(16)))).toBe(1);
  expect(count(new Array<SampleShape>(10).fill(text(16)))).toBe(2);
  const mixed = [text(16), text(64), image(8), image(16)].flatMap((shape) => new Array<SampleShape>(40).fill(shape));
  expect(count(mixed)).toBe(4);
});
