/**
 * One example: a raw value for each modality that is there, under the name of its encoder slot, and the targets of
 * training. A modality whose value is missing, `undefined` or `null` is absent.
 *
 * ```ts
 * const sample: Sample = { image: 'seven.png', text: 'sieben', targets: { digit: 7 } };
 * ```
 */
export interface Sample {
  readonly targets?: Targets;
  readonly [modality: string]: unknown;
}

/** Targets by name. Which names and values are meant is up to the heads that read them. */
export type Targets = Readonly<Record<string, unknown>>;

/** Those of `modalities` that the sample has, in their order. */
export function presentModalities(sample: Sample, modalities: readonly string[]): string[] {
  return modalities.filter((modality) => sample[modality] !== undefined && sample[modality] !== null);
}
