import type { ErrorReport, Sample, Targets, UncheckedModelConfig } from '@polymodal/core';
import type { AugmentationWords } from '../augment';
import type { FeatureCacheSetup } from '../feature-cache/feature-cache';
import type { ImportedAugment } from './imported-augment';
import type { PackedSample } from './packed-sample';

/** What changes samples for training, in words that a thread makes it of. */
export interface ThreadAugment {
  /** What changes samples as wholes. */
  readonly imported?: ImportedAugment;
  /** What changes the values of slots. */
  readonly words?: AugmentationWords | undefined;
}

/** What a thread makes its processors of. */
export interface ThreadSetup {
  /** The modules of plugins, and which of their exports are meant. */
  readonly plugins: readonly { readonly name: string; readonly module: string }[];
  readonly config: UncheckedModelConfig;
  /** What the processors keep: see `processorFiles`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly readFiles: boolean;
  readonly augment: ThreadAugment;
  readonly cache?: FeatureCacheSetup | undefined;
  readonly decodedBytes: number;
}

/** What is asked of a thread. */
export type TaskMessage = PrepareMessage | { readonly kind: 'recall'; readonly id: number; readonly key: string };

/** A sample that is to be prepared, as it is sent to a thread. */
export interface PrepareMessage {
  readonly kind: 'prepare';
  readonly id: number;
  readonly sample: Sample;
  /** The state of a `RandomKey`. */
  readonly key?: readonly [high: number, low: number] | undefined;
  readonly where: string;
  readonly mayKeep?: boolean | undefined;
}

/** What a thread says: that it is there, or not, and of each task what came of it. */
export type ThreadMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'not ready'; readonly error: ErrorReport }
  | {
      readonly kind: 'prepared';
      readonly id: number;
      readonly packed: PackedSample;
      readonly isRandom: boolean;
      readonly keptBytes: number;
      readonly key?: string | undefined;
      /** Where they are no longer those of the sample that was sent. */
      readonly augmented?: { readonly targets: Targets | undefined };
    }
  | { readonly kind: 'recalled'; readonly id: number; readonly packed?: PackedSample | undefined }
  | { readonly kind: 'failed'; readonly id: number; readonly error: ErrorReport };
