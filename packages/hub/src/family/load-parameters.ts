import type { Module, Parameter } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Checkpoint } from '../checkpoint/checkpoint';
import type { KeyMap } from './key-map';
import { matchCheckpoint } from './match-checkpoint';
import { planTransfers, type Transfer } from './plan-transfers';
import { leaveStored } from './stored-parameters';
import { transposed } from './transposed';

/**
 * Fills every parameter of a module from a checkpoint, one tensor at a time. Names and shapes are checked before any is read.
 * On a backend that reads values when it needs them, large tensors stay in their file until then.
 *
 * @throws CheckpointKeysError if the tensors are not those of the model
 */
export async function loadParameters(module: Module, checkpoint: Checkpoint, keyMap: KeyMap): Promise<void> {
  const begun = new Map<Parameter, Float32Array>(); // of whose rows some are still to come
  for (const transfer of matchCheckpoint(checkpoint, planTransfers(module, keyMap), keyMap)) {
    if (leaveStored(transfer, checkpoint.place(transfer.stored))) continue;
    const { data } = await checkpoint.read(transfer.stored);
    const values = data as Float32Array; // matched tensors hold floats
    if (transfer.rows) fillRows(transfer.ours[0].parameter, transfer.rows, values, begun);
    else fill(transfer, values);
  }
}

function fillRows(
  parameter: Parameter,
  [begin, end]: readonly [number, number],
  stored: Float32Array,
  begun: Map<Parameter, Float32Array>,
): void {
  const values = begun.get(parameter) ?? new Float32Array(parameter.size);
  values.set(stored, (parameter.size / parameter.shape[0]) * begin);
  begun.set(parameter, values);
  if (end < parameter.shape[0]) return;
  begun.delete(parameter);
  tf.tidy(() => parameter.assign(tf.tensor(values, [...parameter.shape], 'float32')));
}

function fill({ ours, transpose }: Transfer, stored: Float32Array): void {
  const rows = ours.reduce((sum, { parameter }) => sum + (parameter.shape[0] ?? 1), 0);
  const values = transpose ? transposed(stored, stored.length / rows, rows) : stored;
  let start = 0;
  for (const { parameter } of ours) {
    const part = ours.length > 1 ? values.slice(start, start + parameter.size) : values; // an array of its own, which the tensor keeps
    start += parameter.size;
    tf.tidy(() => parameter.assign(tf.tensor(part, [...parameter.shape], 'float32')));
  }
}
