import type { Features, HostTensor } from '@polymodal/core';
import type { EncoderCase } from '../cases/encoder-case';
import { expectUntouched, type Fill } from '../compare/expect-untouched';

/**
 * Whatever stands where a mask of the processor is 0, a missing cell of a table as well as padding, changes neither an output
 * nor a gradient by a bit.
 *
 * A feature whose name ends in "mask" is a mask. `cellsMask` says which elements of `cells` take part; a mask without such a
 * feature does so for every other whose leading axes are as long as its own.
 */
export async function excludedValuesCannotLeak(subject: EncoderCase): Promise<void> {
  const clean = subject.processor.collate(subject.rows);
  const built = subject.build();
  try {
    const corrupt = (fill: Fill) => withExcluded(clean, fill);
    await expectUntouched(subject.name, built, clean, 'what a mask excludes', corrupt);
  } finally {
    built.dispose();
  }
}

/** Whether a processor says what does not take part. */
export function hasMasks({ processor, rows }: EncoderCase): boolean {
  return masksOf(processor.collate(rows)).length > 0;
}

/** Features with other values wherever a mask that covers them is 0. */
function withExcluded(features: Features, fill: Fill): Features {
  const corrupted: Record<string, HostTensor> = { ...features };
  for (const [name, mask] of masksOf(features)) {
    for (const covered of coveredBy(name, mask, features)) {
      const { data, shape } = corrupted[covered];
      const width = data.length / mask.data.length; // elements for each one of the mask
      const values = data.map((value, index) =>
        mask.data[Math.floor(index / width)] === 0 ? fill(features[covered].data, index) : value,
      );
      corrupted[covered] = { shape, data: values };
    }
  }
  return corrupted;
}

function coveredBy(name: string, mask: HostTensor, features: Features): string[] {
  const own = name.replace(/_?mask$/i, '');
  if (own !== '' && features[own]) return [own];
  return Object.keys(features).filter(
    (other) => !isMask(other) && mask.shape.every((length, axis) => features[other].shape[axis] === length),
  );
}

function masksOf(features: Features): [string, HostTensor][] {
  return Object.entries(features).filter(([name]) => isMask(name));
}

function isMask(name: string): boolean {
  return /mask$/i.test(name);
}
