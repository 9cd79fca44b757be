/** Which modalities a row must have for a head to run on it, or for a fusion to fuse it. */
export interface Requirements {
  /** Each of these. */
  readonly all?: readonly string[];
  /** At least one of these. */
  readonly any?: readonly string[];
  /** At least this many of the model's modalities. */
  readonly count?: number;
}

/** Whether a row with these modalities fulfils the requirements. */
export function fulfils(requires: Requirements, present: readonly string[]): boolean {
  const all = requires.all?.every((modality) => present.includes(modality)) ?? true;
  const any = requires.any?.some((modality) => present.includes(modality)) ?? true;
  return all && any && present.length >= (requires.count ?? 0);
}

/** The requirements in words, for error messages. */
export function describeRequirements(requires: Requirements): string {
  const parts = [
    requires.all && `all of ${requires.all.join(', ')}`,
    requires.any && `any of ${requires.any.join(', ')}`,
    requires.count && `at least ${requires.count} modalities`,
  ];
  return parts.filter(Boolean).join(' and ') || 'nothing';
}
