import type { Features, HostTensor } from '@polymodal/core';
import type { EncoderCase } from '../cases/encoder-case';
import { expectUntouched, type Fill } from '../compare/expect-untouched';
import { ConformanceError } from '../conformance-error';

/**
 * Whatever stands in padding, NaN and infinity too, changes neither an output nor a gradient by a bit.
 *
 * Padding is what `collate` adds behind the extent of the feature that `process` made. Float features get NaN and ∞
 * there, integer features other integers that occur in them. Features whose name ends in "mask" say what is padding
 * and are left as they are.
 */
export async function paddingCannotLeak(subject: EncoderCase): Promise<void> {
  const built = subject.build();
  try {
    const clean = subject.processor.collate(subject.rows);
    expectPadding(subject, clean);
    await expectUntouched(subject.name, built, clean, 'padding', (fill) => withPadding(clean, subject.rows, fill));
  } finally {
    built.dispose();
  }
}

/** Whether rows of the case are padded: they have several extents, or are padded to a bucket. */
export function isPadded({ processor, rows }: EncoderCase): boolean {
  const extents = new Set(rows.map((row) => JSON.stringify(Object.values(row).map(({ shape }) => shape))));
  return extents.size > 1 || showsPadding(processor.collate(rows), rows);
}

function showsPadding(clean: Features, rows: readonly Features[]): boolean {
  const probed = withPadding(clean, rows, () => 99);
  return Object.entries(probed).some(([feature, { data }]) => data.some((v, i) => v !== clean[feature].data[i]));
}

/** Rows of several extents are padded somewhere; where that is cannot be seen, the check would be an empty one. */
function expectPadding({ name, rows }: EncoderCase, clean: Features): void {
  if (showsPadding(clean, rows)) return;
  throw new ConformanceError({
    where: `${name}, collated features`,
    expected: 'features under the names that process() gave them, padded at their ends',
    received: `${Object.keys(clean).join(', ')}, of which none shows where it is padded`,
  });
}

/** Collated features with other values in their padding. */
function withPadding(collated: Features, rows: readonly Features[], fill: Fill): Features {
  return Object.fromEntries(
    Object.entries(collated).map(([name, feature]) => {
      const extents = rows.map((row) => row[name]?.shape ?? []);
      const keepsItsAxes = extents.every((extent) => extent.length === feature.shape.length - 1);
      return [name, keepsItsAxes && !/mask$/i.test(name) ? padded(feature, extents, fill) : feature];
    }),
  );
}

function padded({ data, shape }: HostTensor, extents: readonly (readonly number[])[], fill: Fill): HostTensor {
  const [, ...lengths] = shape;
  const rowSize = lengths.reduce((product, length) => product * length, 1);
  const values = data.slice();
  for (let index = 0; index < values.length; index++) {
    let rest = index % rowSize;
    const extent = extents[Math.floor(index / rowSize)];
    let inside = true;
    for (let axis = lengths.length - 1; axis >= 0; axis--) {
      inside &&= rest % lengths[axis] < extent[axis];
      rest = Math.floor(rest / lengths[axis]);
    }
    if (!inside) values[index] = fill(data, index);
  }
  return { data: values, shape };
}
