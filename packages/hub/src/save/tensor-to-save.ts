import {
  ConfigError,
  isRecord,
  requireArgument,
  type SafetensorsDtype,
  ShapeError,
  safetensorsByteLength,
} from '@polymodal/core';
import { elementEncoders, ownDtype, type TensorValues } from './element-encoders';

/** A tensor that is to be written. */
export interface TensorToSave {
  readonly shape: readonly number[];
  /** The values, or a function that fetches them when their turn comes, so that only one tensor at a time is in memory. */
  readonly data: TensorValues | (() => Promise<TensorValues>);
  /**
   * How it is stored: F64, F32, F16, BF16, I64, I32, I16, I8, U8 or BOOL. Left out, as what the array holds (Uint8Array:
   * U8); needed where `data` is a function. F16 and BF16 round to the nearest, ties to even.
   */
  readonly dtype?: SafetensorsDtype;
}

/** A tensor with all that its file's header says of it. */
export interface PlannedTensor extends TensorToSave {
  readonly name: string;
  readonly dtype: SafetensorsDtype;
  readonly byteLength: number;
}

/**
 * Settles the types and checks what can be checked before anything is written.
 *
 * @throws ConfigError for a type that cannot be written, or tensors that share memory
 * @throws ShapeError for values that do not fit their shape
 */
export function planTensors(tensors: ReadonlyMap<string, TensorToSave>): PlannedTensor[] {
  requireArgument(tensors instanceof Map, 'tensors', 'a Map of tensors by their names', tensors);
  const planned = [...tensors].map(([name, tensor]) => planTensor(name, tensor));
  checkSharing(planned);
  return planned;
}

function planTensor(name: string, tensor: TensorToSave): PlannedTensor {
  const where = `tensor "${name}"`;
  requireArgument(isRecord(tensor) && Array.isArray(tensor.shape), where, 'an object with shape and data', tensor);
  const hasValues = typeof tensor.data === 'function' || ArrayBuffer.isView(tensor.data);
  requireArgument(hasValues, `${where}, data`, 'a typed array, or a function that fetches one', tensor.data);
  const dtype = tensor.dtype ?? (typeof tensor.data === 'function' ? undefined : ownDtype(tensor.data));
  if (dtype === undefined || !elementEncoders[dtype]) {
    const expected = `one of ${Object.keys(elementEncoders).join(', ')} as dtype`;
    throw new ConfigError({ where, expected, received: dtype ?? 'none, with values that are yet to be fetched' });
  }
  const isShape = tensor.shape.every((length) => Number.isSafeInteger(length) && length >= 0);
  const byteLength = isShape ? safetensorsByteLength(dtype, tensor.shape) : undefined;
  if (byteLength === undefined) {
    throw new ShapeError({ where, expected: 'a shape of whole numbers from 0', received: `[${tensor.shape}]` });
  }
  if (typeof tensor.data !== 'function') checkLength(tensor.data, tensor.shape, where);
  return { ...tensor, name, dtype, byteLength };
}

/** @throws ShapeError for values that do not fit their shape */
export function checkLength(data: TensorValues, shape: readonly number[], where: string): void {
  const size = shape.reduce((product, length) => product * length, 1);
  if (data.length === size) return;
  throw new ShapeError({ where, expected: `${size} values for [${shape}]`, received: `${data.length}` });
}

/** The format stores every name's values anew, so that tied weights would come apart; Hugging Face refuses that too. */
function checkSharing(tensors: readonly PlannedTensor[]): void {
  const sources = new Map<unknown, PlannedTensor[]>();
  for (const tensor of tensors) {
    const source = typeof tensor.data === 'function' ? tensor.data : tensor.data.buffer;
    const sharing = sources.get(source)?.find((other) => overlaps(tensor, other));
    if (sharing) {
      throw new ConfigError({
        where: `tensor "${tensor.name}"`,
        expected: 'values that it shares with no other tensor',
        received: `memory of "${sharing.name}"`,
        hint: 'Save tied weights once, under the name that the config of the model ties the others to.',
      });
    }
    sources.set(source, [...(sources.get(source) ?? []), tensor]);
  }
}

function overlaps({ data: a }: PlannedTensor, { data: b }: PlannedTensor): boolean {
  if (typeof a === 'function' || typeof b === 'function') return a === b;
  return a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength;
}
