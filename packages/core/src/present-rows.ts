/** Which of the B rows of a batch have which modality. */
export interface PresentRows {
  /** B */
  readonly size: number;
  /** (P) ascending positions of the rows that have it, by modality. */
  readonly rows: Readonly<Record<string, Int32Array>>;
}

/** The modalities of a batch's rows, be it on the backend or in host memory. */
export function presentRows({ size, modalities }: BatchRows): PresentRows {
  return { size, rows: Object.fromEntries(Object.entries(modalities).map(([name, { rows }]) => [name, rows])) };
}

/** What of a batch says which rows have what. */
interface BatchRows {
  readonly size: number;
  readonly modalities: Readonly<Record<string, { readonly rows: Int32Array }>>;
}

/** Those of some ascending rows, as a batch of their own. A modality that none of them has is left out. */
export function selectPresent(present: PresentRows, rows: readonly number[]): PresentRows {
  if (rows.length === present.size) return present;
  const kept = Object.entries(present.rows)
    .map(([name, own]) => [name, Int32Array.from(rows.flatMap((row, target) => (own.includes(row) ? [target] : [])))])
    .filter(([, own]) => own.length > 0);
  return { size: rows.length, rows: Object.fromEntries(kept) };
}
