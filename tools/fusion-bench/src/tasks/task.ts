import type { Sample } from '@polymodal/core';

/** How values of a slot get noise: see `addNoise`. */
export type NoiseKind = 'picture' | 'recording' | 'text' | 'rows';

/** Whose value of which slot a contradictory sample has. */
interface Contradiction {
  readonly slot: string;
  /** The place in the test of the sample that it comes from; its answer is another one. */
  readonly from: number;
}

/** Something to learn, as plain data: made once, and read by every process that trains on it. Targets are `answer`, a label. */
export interface Task {
  readonly name: string;
  /** The config of each slot's encoder. */
  readonly encoders: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** The slot that conditions others, in fusions that take one. */
  readonly condition: string;
  /** The slot whose sequence a causal fusion may continue, if there is a text. */
  readonly causalHost?: string;
  readonly labels: readonly string[];
  readonly train: readonly Sample[];
  readonly validation: readonly Sample[];
  readonly test: readonly Sample[];
  /** Of every slot; left out where noise is not measured. */
  readonly noise?: Readonly<Record<string, NoiseKind>>;
  /** For each test sample the slot that it lacks, if any. */
  readonly missing?: readonly (string | null)[];
  readonly contradictions?: readonly Contradiction[];
  /** For each test sample what is asked, where figures of several kinds are told apart. */
  readonly kinds?: readonly string[];
}
