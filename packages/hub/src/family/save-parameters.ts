import { adaptersOf, type Module, type SafetensorsDtype, StateError } from '@polymodal/core';
import { type SaveCheckpointOptions, saveCheckpoint } from '../save/save-checkpoint';
import type { TensorToSave } from '../save/tensor-to-save';
import type { KeyMap } from './key-map';
import { planTransfers, type Transfer } from './plan-transfers';
import { transposed } from './transposed';

/** Options of {@link saveParameters}. */
export interface SaveParametersOptions extends SaveCheckpointOptions {
  /** How floats are stored; F32 unless told otherwise. */
  readonly dtype?: Extract<SafetensorsDtype, 'F32' | 'F16' | 'BF16'>;
}

/**
 * Saves every parameter of a module under the names that Python has for them.
 *
 * @returns the names of the files
 */
export function saveParameters(
  module: Module,
  directory: string,
  keyMap: KeyMap,
  { dtype, ...options }: SaveParametersOptions = {},
): Promise<string[]> {
  return saveCheckpoint(directory, parametersToSave(module, keyMap, dtype), options);
}

/** The parameters of a module under the names that Python has for them. */
export function parametersToSave(
  module: Module,
  keyMap: KeyMap,
  dtype: SafetensorsDtype = 'F32',
): Map<string, TensorToSave> {
  const transfers = planTransfers(module, keyMap);
  checkMerged(module);
  const tensors = transfers.map((transfer): [string, TensorToSave] => [
    transfer.theirs,
    { shape: transfer.shape, dtype: transfer.dtype ?? dtype, data: () => valuesOf(transfer) },
  ]);
  const derived = transfers
    .flatMap((transfer) => transfer.derived)
    .map(({ theirs, values }): [string, TensorToSave] => [theirs, { dtype: 'I64', ...values() }]);
  return new Map([...tensors, ...derived]);
}

/** @throws StateError for adapters, which the layout has no place for: what they have learned would be lost */
function checkMerged(module: Module): void {
  const [path] = adaptersOf(module).keys();
  if (path === undefined) return;
  throw new StateError({
    where: 'savePretrained',
    expected: 'a model whose adapters are merged',
    received: `one with the adapter ${path}`,
    hint: 'Call model.mergeAdapters() first.',
  });
}

async function valuesOf({ ours, transpose, rows: part, dtype }: Transfer): Promise<Float32Array | Int32Array> {
  const parts = await Promise.all(ours.map(({ parameter }) => parameter.viewValues()));
  const values = parts.length > 1 ? joined(parts) : parts[0];
  if (part) {
    const width = values.length / ours[0].parameter.shape[0];
    return values.subarray(width * part[0], width * part[1]);
  }
  if (dtype === 'I64') return Int32Array.from(values);
  const rows = ours.reduce((sum, { parameter }) => sum + (parameter.shape[0] ?? 1), 0);
  return transpose ? transposed(values, rows, values.length / rows) : values;
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const result = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let start = 0;
  for (const part of parts) {
    result.set(part, start);
    start += part.length;
  }
  return result;
}
