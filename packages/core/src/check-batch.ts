import * as tf from '@tensorflow/tfjs-core';
import { featuresFault } from './features-fault';
import { isRecord, requireArgument } from './require-argument';

/**
 * Makes sure that a value is a batch on the backend.
 *
 * @param where the function that was given it
 * @throws ConfigError
 */
export function requireBatch(value: unknown, where: string): void {
  const isUploaded = (features: object) => Object.values(features).every((feature) => feature instanceof tf.Tensor);
  requireArgument(
    isBatch(value, isUploaded),
    where,
    'a batch on the backend, uploadBatch(model.collate(samples)) say',
    value,
  );
}

/** The same of one in host memory. @throws ConfigError */
export function requireHostBatch(value: unknown, where: string): void {
  const isOnHost = (features: object) => featuresFault(features) === undefined;
  requireArgument(isBatch(value, isOnHost), where, 'a batch in host memory, model.collate(samples) say', value);
}

function isBatch(value: unknown, areFeatures: (features: object) => boolean): boolean {
  if (!isRecord(value) || !Number.isInteger(value.size)) return false;
  const size = value.size as number;
  return [value.modalities, value.targets].every(
    (rows) =>
      isRecord(rows) &&
      Object.values(rows).every(
        (own) => isRecord(own) && areRows(own.rows, size) && isRecord(own.features) && areFeatures(own.features),
      ),
  );
}

/** Whether they are ascending positions in a batch of so many rows. */
function areRows(rows: unknown, size: number): boolean {
  return (
    rows instanceof Int32Array && rows.every((row, index) => row < size && row > (index === 0 ? -1 : rows[index - 1]))
  );
}
