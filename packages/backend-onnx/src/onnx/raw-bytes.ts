import type { HostArray } from '../data-type';
import { ElementType } from './element-type';

const arrayOfType = {
  [ElementType.float32]: Float32Array,
  [ElementType.int8]: Int8Array,
  [ElementType.int32]: Int32Array,
  [ElementType.bool]: Uint8Array,
  [ElementType.float64]: Float64Array,
} as const;

/** Little-endian bytes of `values` as ONNX stores a tensor of this type (`TensorProto.raw_data`); no copy of a typed array. */
export function rawBytes(values: readonly number[] | HostArray, type: ElementType): Uint8Array {
  if ('buffer' in values) return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  if (type === ElementType.float16 || type === ElementType.bfloat16)
    throw new RangeError('constants of 16-bit floats are not written');
  const array =
    type === ElementType.int64 ? BigInt64Array.from(values, (value) => BigInt(value)) : arrayOfType[type].from(values);
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
