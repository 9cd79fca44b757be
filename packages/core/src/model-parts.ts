import type { Encoders, Fusion } from './fusion';
import type { Head } from './head';
import type { HeadTargets } from './head-target';
import type { UncheckedModelConfig } from './model-config';
import type { Plugin } from './plugin';
import type { Processors } from './prepared-sample';
import type { Requirements } from './requirements';

/** What a `Model` is made of. */
export interface ModelParts {
  readonly config: UncheckedModelConfig;
  readonly processors: Processors;
  readonly encoders: Encoders;
  readonly fusion: Fusion;
  readonly heads: Readonly<Record<string, Head>>;
  /** For each head `'fused'` or the name of the head that feeds it. */
  readonly headInputs: Readonly<Record<string, string>>;
  /** What the config requires of a row for a head, beside what the head does. */
  readonly headRequirements?: Readonly<Record<string, Requirements>>;
  /** What each head learns from. */
  readonly targets: HeadTargets;
  /** Whether samples may name files by their paths (default true). */
  readonly readFiles?: boolean;
  /** Ids of the modalities that slots take, where they are known. */
  readonly slotModalities?: Readonly<Record<string, string>>;
  /** Those whose parts it is made of. */
  readonly plugins?: readonly Plugin[];
}
