/**
 * Which parameter of ours is which tensor of a checkpoint, as data.
 *
 * Names are patterns: `{i}` (or another letter) stands for a number and `*` for one part of a name, `weight` or `bias` say;
 * what a pattern of ours finds there goes into the same place of theirs. So one entry serves all layers, and the parameters
 * of the module decide how many there are.
 */
export interface KeyMap {
  /**
   * What may stand before every name, in a checkpoint of a larger model that this one is part of, such as `bert.`. Each
   * checkpoint has one of them or none; saving writes none.
   */
  readonly prefixes?: readonly string[];
  readonly entries: readonly KeyMapEntry[];
  /** Tensors that are passed over, and why. */
  readonly ignored?: readonly IgnoredKey[];
}

/** Some parameters of ours and the tensor that has their values. */
export interface KeyMapEntry {
  /** Path of our parameter; several, where theirs holds ours one after the other along the first axis. */
  readonly ours: string | readonly string[];
  readonly theirs: string;
  /** Theirs has these rows of ours alone, `[begin, end)` along the first axis; other entries have the others, without a gap. */
  readonly rows?: readonly [begin: number, end: number];
  /** How other checkpoints call it: older ones, or those of a whole that was arranged otherwise. */
  readonly formerly?: string | readonly string[];
  /** Whether theirs is `[in, out]` where ours is `[out, in]`. (Then ours are one after the other after transposing.) */
  readonly transpose?: true;
  /** Their shape from ours, where it differs but the order of the values does not: `([n, d]) => [1, n, d]`. */
  readonly shape?: (ours: readonly number[]) => readonly number[];
  /** Theirs is an integer, which counts something. */
  readonly dtype?: 'I64';
  /** Tensors beside theirs that follow from the shape of ours, so that none of ours holds them. */
  readonly derived?: readonly DerivedTensor[];
}

/** A tensor of integers that Python keeps with a model though it follows from the config, and misses where it is not saved. */
export interface DerivedTensor {
  /** A pattern with the places of the entry. */
  readonly theirs: string;
  /** @param ours the shape of our parameter */
  values(ours: readonly number[]): { readonly shape: readonly number[]; readonly data: Int32Array };
}

/** A tensor of a checkpoint that no parameter is filled from. */
export interface IgnoredKey {
  /** A pattern; `**` stands for any rest of a name. */
  readonly theirs: string;
  /** From which number in the place `{i}` on; from 0 unless told otherwise. */
  readonly from?: number;
  /** Why nothing is lost by that. */
  readonly reason: string;
}
