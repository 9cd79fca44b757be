import { type Encoder, type Features, hostTensor, inferenceContext } from '@polymodal/core';
import { maskCounts } from '../compare/mask-counts';
import { readTensors, type Values } from '../compare/read-tensors';
import { ConformanceError } from '../conformance-error';
import { batchOf } from './encoder-outputs';

/** What an encoder says of the tokens before each layer, and at the end, is as many as take part in what it makes of a batch. */
export async function expectTokenCounts(encoder: Encoder, features: Values): Promise<void> {
  const masks = await readTensors(() => {
    const { stages, encoded } = encoder.encodeStages(batchOf(features), inferenceContext());
    return Object.fromEntries([...stages, encoded].map(({ mask }, index) => [`${index}`, mask]));
  });
  const expected = Object.values(masks).map(maskCounts);
  const layers = [...Array.from({ length: 1 + encoder.depth }, (_, layer) => layer), undefined];
  const rows = rowsOf(features);
  const received = layers.map((layer) => rows.map((row) => encoder.tokenCount?.(row, layer)));
  if (JSON.stringify(expected) === JSON.stringify(received)) return;
  throw new ConformanceError({
    where: 'tokenCount, by layer and row',
    expected: JSON.stringify(expected),
    received: JSON.stringify(received),
  });
}

/** The features of each row as they were before they were collated: what a mask excludes is padding. */
function rowsOf({ mask, ...features }: Values): Features[] {
  const [count] = Object.values(features)[0].shape;
  const lengths = mask ? maskCounts(mask) : undefined;
  return Array.from({ length: count }, (_, row) =>
    Object.fromEntries(
      Object.entries(features).map(([name, { data, shape }]) => {
        const [, ...own] = shape;
        if (lengths && own[0] === mask.shape[1]) own[0] = lengths[row];
        const [start, size] = [(row * data.length) / count, own.reduce((product, length) => product * length, 1)];
        return [name, hostTensor(Float32Array.from(Array.from(data).slice(start, start + size)), own)];
      }),
    ),
  );
}
