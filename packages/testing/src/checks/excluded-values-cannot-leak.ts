import type { FeatureMasks, Features, HostTensor } from '@polymodal/core';
import type { EncoderCase } from '../cases/encoder-case';
import { expectUntouched, type Fill } from '../compare/expect-untouched';

/**
 * Whatever stands where a mask of the processor is 0, a missing cell of a table as well as padding, changes neither an output
 * nor a gradient by a bit. Which features are masks, and what they cover, the processor declares in `masks`.
 */
export async function excludedValuesCannotLeak(subject: EncoderCase): Promise<void> {
  const { masks = {} } = subject.processor;
  const clean = subject.processor.collate(subject.rows);
  const built = subject.build();
  try {
    const corrupt = (fill: Fill) => withExcluded(clean, masks, fill);
    await expectUntouched(subject.name, built, clean, 'what a mask excludes', corrupt);
  } finally {
    built.dispose();
  }
}

/** Why nothing is excluded; `undefined` where a mask of the processor is 0 somewhere. */
export function withoutExcluded({ processor, rows }: EncoderCase): string | undefined {
  const names = Object.keys(processor.masks ?? {});
  if (names.length === 0) return 'its processor declares no masks';
  const features = processor.collate(rows);
  const excludes = names.some((name) => features[name]?.data.some((value) => value === 0));
  return excludes ? undefined : 'everything takes part in the rows of the case: draw some that lack something';
}

/** Features with other values wherever a mask that covers them is 0. */
function withExcluded(features: Features, masks: FeatureMasks, fill: Fill): Features {
  const corrupted: Record<string, HostTensor> = { ...features };
  for (const [name, coveredNames] of Object.entries(masks)) {
    const mask = features[name];
    for (const covered of coveredNames.filter((own) => own in features)) {
      const { data } = corrupted[covered];
      const width = data.length / mask.data.length; // elements for each one of the mask
      const values = data.map((value, index) =>
        mask.data[Math.floor(index / width)] === 0 ? fill(features[covered].data, index) : value,
      );
      corrupted[covered] = { ...features[covered], data: values };
    }
  }
  return corrupted;
}
