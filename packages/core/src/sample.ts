/**
 * One example: a raw value for each modality that is there, under the name of its encoder slot, the targets of training, and
 * `meta` for whatever else belongs to it. A modality whose value is missing, `undefined` or `null` is absent; any other name
 * is refused, since a misspelt modality would pass for an absent one. A slot with `several` takes a list of values, in their order.
 *
 * Where a slot's processor takes documents (an {@link InterleavingProcessor}, as that of texts), its value may be a list of parts, each
 * under the name of a slot, in the order in which they are read.
 *
 * ```ts
 * const sample: Sample = { image: 'seven.png', text: 'sieben', targets: { digit: 7 }, meta: { id: 17 } };
 * const question: Sample = { text: [{ text: 'Which digit is ' }, { image: 'seven.png' }, { text: '?' }] };
 * ```
 */
export interface Sample {
  readonly targets?: Targets;
  /** Anything of yours that goes with the example: an id, a source, a time. Nothing reads it. */
  readonly meta?: unknown;
  readonly [modality: string]: unknown;
}

/** Names in a sample that are no modality. */
export const reservedSampleNames: readonly string[] = ['targets', 'meta'];

/** Targets by name. Which names and values are meant is up to the heads that read them. */
export type Targets = Readonly<Record<string, unknown>>;
