import type { Features, Metrics } from '@polymodal/core';
import type { WrittenText } from './write-texts';
import type { WrittenTarget } from './written-target';

/**
 * The share of targets that are written to the letter; no figure where there is no target.
 *
 * @param given how many tokens of each target were given
 */
export function sharesWritten(
  predictions: readonly WrittenText[],
  targets: readonly (Features | undefined)[],
  target: Pick<WrittenTarget, 'decode' | 'endTokenId'>,
  given = 0,
): Metrics {
  const right = predictions.flatMap(({ text }, row) => {
    const wanted = targets[row];
    if (!wanted) return [];
    const ids = Array.from(wanted.ids.data).slice(given);
    return [text === target.decode(ids.at(-1) === target.endTokenId ? ids.slice(0, -1) : ids)];
  });
  return right.length === 0 ? {} : { accuracy: right.filter(Boolean).length / right.length };
}
