import { expect, it, vi } from 'vitest';
import { tinyModel } from './testing/tiny-model';
import { train } from './train';

/** Four questions about each of eight pictures, in an order in which no two about a picture follow one another. */
const data = Array.from({ length: 32 }, (_, index) => {
  const picture = index % 8;
  return { a: [picture, 1], b: [Math.floor(index / 8)], targets: { digit: (picture + index) % 3 } };
});
const options = { data, epochs: 2, batchSize: 8, together: 'a', learningRate: 0.05, progress: false } as const;

it('encodes a value once for the samples of a batch that share it, and learns what it would without', async () => {
  const [shared, plain] = [tinyModel({ modalities: ['a', 'b'], shared: ['a'] }), tinyModel({ modalities: ['a', 'b'] })];
  for (const [path, parameter] of shared.parameters()) {
    parameter.assignValues(plain.parameters().get(path.replace('.each.', '.'))!.value.dataSync() as Float32Array);
  }
  const collate = vi.spyOn(shared.processors.a, 'collate');
  await train(shared, options);
  await train(plain, options);
  const distinct = collate.mock.results.map(({ value }) => value.distinctValues.shape);
  const batches = distinct.filter(([rows]) => rows > 1); // one sample is collated by itself, to count its tokens
  expect(batches).toEqual(new Array(8).fill([8, 2]));
  for (const [path, parameter] of shared.parameters()) {
    const expected = plain.parameters().get(path.replace('.each.', '.'))!.value.dataSync();
    parameter.value.dataSync().forEach((value, index) => expect(value).toBeCloseTo(expected[index], 5));
  }
});
