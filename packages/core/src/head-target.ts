import type { Processor } from './processor';

/** What a head learns from. */
export interface HeadTarget {
  /** The name under which a sample's targets hold it. Several heads may read the same. */
  readonly name: string;
  /** Makes features of it, as the processor of a slot does of a modality's value. */
  readonly processor: Processor;
}

/** The targets of a model by head; a head that learns from modalities alone is not listed. */
export type HeadTargets = Readonly<Record<string, HeadTarget>>;
