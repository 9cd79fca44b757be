import { z } from 'zod';

/** Which modalities a row must have for a head to run on it, or for a fusion to fuse it. */
export interface Requirements {
  /** Each of these. */
  readonly all?: readonly string[] | undefined;
  /** At least one of these. */
  readonly any?: readonly string[] | undefined;
  /** At least this many of the model's modalities. */
  readonly count?: number | undefined;
  /** And none of these: for a head that stands in where they are missing. */
  readonly none?: readonly string[] | undefined;
}

const slots = z.array(z.string().min(1)).min(1).optional();

/** `requires` of a head, as configs write it. */
export const requirementsSchema = z.strictObject({
  all: slots,
  any: slots,
  count: z.int().positive().optional(),
  none: slots,
});

/** Whether a row with these modalities fulfils the requirements. */
export function fulfils(requires: Requirements, present: readonly string[]): boolean {
  const all = requires.all?.every((modality) => present.includes(modality)) ?? true;
  const any = requires.any?.some((modality) => present.includes(modality)) ?? true;
  const none = !requires.none?.some((modality) => present.includes(modality));
  return all && any && none && present.length >= (requires.count ?? 0);
}

/** The requirements in words, for error messages. */
export function describeRequirements(requires: Requirements): string {
  const parts = [
    requires.all && `all of ${requires.all.join(', ')}`,
    requires.any && `any of ${requires.any.join(', ')}`,
    requires.count && `at least ${requires.count} ${requires.count === 1 ? 'modality' : 'modalities'}`,
    requires.none && `none of ${requires.none.join(', ')}`,
  ];
  return parts.filter(Boolean).join(' and ') || 'nothing';
}
