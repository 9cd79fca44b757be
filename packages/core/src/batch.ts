import * as tf from '@tensorflow/tfjs-core';
import { requireBatch, requireHostBatch } from './check-batch';
import type { FeatureTensors } from './feature-tensors';
import type { Features } from './features';
import { uploadTensor } from './host-values';
import { mapRecord } from './map-record';

/**
 * The rows of a batch that have a modality, and their features.
 *
 * @typeParam F what the modality's processor collates to. Who reads them and says so knows their names and ranks
 */
export interface ModalityBatch<F extends Features = Features> {
  /** (P) ascending positions in the batch of the rows that have the modality. */
  readonly rows: Int32Array;
  /** Each (P, …). */
  readonly features: FeatureTensors<F>;
  /** Whether the values are encoded already: the features are the tokens, mask and pooled vector that the encoder gave. */
  readonly encoded?: true;
}

/**
 * The rows of a batch that have the target of a head, and what its processor made of it.
 *
 * @typeParam F what that processor collates to
 */
export interface TargetBatch<F extends Features = Features> extends ModalityBatch<F> {
  /** The features in host memory: to count with, as a loss does. What is computed comes from the tensors. */
  readonly values: F;
}

/**
 * B samples, ready for a model. Absence is structural: a modality lists only the rows that have it, and one that no
 * row has is not listed at all, so that there is no value which could leak. So do targets, by head.
 */
export interface Batch {
  readonly size: number;
  readonly modalities: Readonly<Record<string, ModalityBatch>>;
  /** By head. */
  readonly targets: Readonly<Record<string, TargetBatch>>;
  readonly mixture?: Mixture<tf.Scalar, TargetBatch>;
}

/**
 * Of a batch whose rows were mixed, each with another one of it: what the heads are to learn from those. Losses are mixed as rows were,
 * share · loss(targets) + (1 − share) · loss(these targets).
 */
export interface Mixture<Share, Target> {
  /** Of a row itself, 0 to 1. */
  readonly share: Share;
  /** By head, those of the partners. They count what the batch's own do, since partners are a permutation. */
  readonly targets: Readonly<Record<string, Target>>;
}

/** Rows that have something, and its features, in host memory. */
export interface HostRows {
  readonly rows: Int32Array;
  readonly features: Features;
  /** See {@link ModalityBatch.encoded}, and {@link encodedRows}, which makes such rows. */
  readonly encoded?: true;
}

/** A {@link Batch} in host memory. */
export interface HostBatch {
  readonly size: number;
  readonly modalities: Readonly<Record<string, HostRows>>;
  readonly targets: Readonly<Record<string, HostRows>>;
  readonly mixture?: Mixture<number, HostRows>;
}

/**
 * Uploads a batch to the current backend, small integers as what their `dtype` says. Free it with {@link disposeBatch}.
 *
 * @throws ConfigError for what is no batch in host memory
 */
export function uploadBatch(batch: HostBatch): Batch {
  requireHostBatch(batch, 'uploadBatch');
  const { size, modalities, targets, mixture } = batch;
  return {
    size,
    modalities: mapRecord(modalities, upload),
    targets: uploadTargets(targets),
    ...(mixture && { mixture: { share: tf.scalar(mixture.share), targets: uploadTargets(mixture.targets) } }),
  };
}

/** Uploads the targets of a batch alone. */
export function uploadTargets(targets: HostBatch['targets']): Batch['targets'] {
  return mapRecord(targets, (own) => ({ ...upload(own), values: own.features }));
}

/** Frees the tensors of a batch. @throws ConfigError for what is no batch on the backend */
export function disposeBatch(batch: Batch): void {
  requireBatch(batch, 'disposeBatch');
  const { modalities, targets, mixture } = batch;
  for (const named of [modalities, targets, mixture?.targets ?? {}]) {
    for (const { features } of Object.values<ModalityBatch>(named)) {
      for (const tensor of Object.values<tf.Tensor>(features)) tensor.dispose();
    }
  }
  mixture?.share.dispose();
}

function upload({ rows, features, encoded }: HostRows): ModalityBatch {
  return { rows, features: mapRecord(features, uploadTensor), ...(encoded && { encoded }) };
}
