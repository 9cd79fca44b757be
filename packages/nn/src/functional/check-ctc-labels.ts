import { ConfigError, type HostTensor } from '@polymodal/core';

/**
 * Makes sure that labels may be written by Connectionist Temporal Classification: ids of a vocabulary, and none the blank. A loss sees no values, and
 * would be NaN.
 *
 * @param known labels (B, L), and their mask, 1 = takes part
 * @throws ConfigError that names the first which is none
 */
export function checkCtcLabels(
  { labels, labelMask }: { readonly labels: HostTensor; readonly labelMask: HostTensor },
  { blank, classes }: { readonly blank: number; readonly classes: number },
): void {
  const length = labels.shape.at(-1)!;
  for (const [at, id] of labels.data.entries()) {
    if (labelMask.data[at] === 0 || (Number.isInteger(id) && id >= 0 && id < classes && id !== blank)) continue;
    throw new ConfigError({
      where: `labels, row ${Math.floor(at / length)}, label ${at % length}`,
      expected: `an id of the vocabulary, from 0 to ${classes - 1}, and not the blank, ${blank}`,
      received: String(id),
    });
  }
}
