import { StateError } from './errors';
import type { Fused } from './tokens';

/** The parts of a fused batch that a fusion may offer beyond those which all have. */
export const fusedParts = ['encoded', 'owner', 'gates', 'usage', 'causal'] as const satisfies readonly (keyof Fused)[];

/** One of them: what fusions declare that they offer, and heads that they read. */
export type FusedPart = (typeof fusedParts)[number];

/**
 * A part that a head reads. In a model it is there, since a head says what it {@link Head.reads}.
 *
 * ```ts
 * const { pooled } = fusedPart(fused, 'encoded').photo; // of the rows that have a photo
 * ```
 *
 * @throws StateError if it is not: the head did not say so, or was not composed
 */
export function fusedPart<Part extends FusedPart>(fused: Fused, part: Part): NonNullable<Fused[Part]> {
  const found = fused[part];
  if (found !== undefined) return found;
  throw new StateError({
    where: `fused.${part}`,
    expected: `a fusion that offers "${part}"`,
    received: 'one that does not',
    hint: `A head that reads it says so (reads = ['${part}']), so that composeModel can tell whether a fusion fits.`,
  });
}
