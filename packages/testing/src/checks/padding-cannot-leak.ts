import { commonLengths, type Features, type HostTensor, ShapeError } from '@polymodal/core';
import type { EncoderCase } from '../cases/encoder-case';
import { expectUntouched, type Fill } from '../compare/expect-untouched';
import { ConformanceError } from '../conformance-error';

/**
 * Whatever stands in padding, NaN and infinity too, changes neither an output nor a gradient by a bit.
 *
 * Padding is what `collate` adds behind the extent of the feature that `process` made. Float features get NaN and ∞
 * there, integer features other integers that occur in them. The masks that the processor declares say what is padding
 * and are left as they are. Rows are padded to more than any of them needs, so that there is padding in each.
 */
export async function paddingCannotLeak(subject: EncoderCase): Promise<void> {
  const built = subject.build();
  try {
    const clean = paddedMore(subject);
    expectPadding(subject, clean);
    await expectUntouched(subject.name, built, clean, 'padding', (fill) => withPadding(clean, subject, fill));
  } finally {
    built.dispose();
  }
}

/** Why rows are never padded; `undefined` where they have lengths, or collate pads all alike. */
export function withoutPadding(subject: EncoderCase): string | undefined {
  const { processor, rows } = subject;
  if (rows.some((row) => Object.keys(processor.shape(row).lengths ?? {}).length > 0)) return undefined;
  if (showsPadding(subject, processor.collate(rows))) return undefined;
  return 'its processor has no lengths: nothing is ever padded';
}

/** The rows at twice the lengths that they need; at those lengths, where a processor allows no more (a text of `maxLength` tokens). */
function paddedMore({ processor, rows }: EncoderCase): Features {
  const needed = commonLengths(rows.map((row) => processor.shape(row)));
  const twice = Object.fromEntries(Object.entries(needed).map(([name, length]) => [name, 2 * length]));
  try {
    return processor.collate(rows, twice);
  } catch (error) {
    if (!ShapeError.isInstance(error)) throw error;
    return processor.collate(rows);
  }
}

function showsPadding(subject: EncoderCase, clean: Features): boolean {
  const probed = withPadding(clean, subject, (data, index) => (data[index] === 99 ? 98 : 99));
  return Object.entries(probed).some(([feature, { data }]) => data.some((v, i) => v !== clean[feature].data[i]));
}

/** Rows are padded somewhere; where that is cannot be seen, the check would be an empty one. */
function expectPadding(subject: EncoderCase, clean: Features): void {
  if (showsPadding(subject, clean)) return;
  throw new ConformanceError({
    where: `${subject.name}, collated features`,
    expected: 'features under the names that process() gave them, padded at their ends',
    received: `${Object.keys(clean).join(', ')}, of which none shows where it is padded`,
    hint: 'Where the rows are as long as any may be, draw shorter ones too.',
  });
}

/** Collated features with other values in their padding. */
function withPadding(collated: Features, { processor, rows }: EncoderCase, fill: Fill): Features {
  const { masks = {} } = processor;
  return Object.fromEntries(
    Object.entries(collated).map(([name, feature]) => {
      const extents = rows.map((row) => row[name]?.shape ?? []);
      const keepsItsAxes = extents.every((extent) => extent.length === feature.shape.length - 1);
      return [name, keepsItsAxes && !Object.hasOwn(masks, name) ? padded(feature, extents, fill) : feature];
    }),
  );
}

function padded(feature: HostTensor, extents: readonly (readonly number[])[], fill: Fill): HostTensor {
  const { data, shape } = feature;
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
  return { ...feature, data: values };
}
