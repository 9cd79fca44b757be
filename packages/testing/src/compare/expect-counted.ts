import { ConformanceError } from '../conformance-error';
import type { FusedValues } from './fused-row';
import { maskCounts } from './mask-counts';

/**
 * As many tokens of a fused row take part as was said before it was.
 *
 * @param said undefined where the fusion says nothing
 */
export function expectCounted(where: string, { values }: FusedValues, row: number, said: number | undefined): void {
  const taking = maskCounts(values.mask)[row];
  if (said === undefined || said === taking) return;
  throw new ConformanceError({
    where,
    expected: `tokenCount() to say ${taking}, as many tokens as take part`,
    received: String(said),
  });
}
