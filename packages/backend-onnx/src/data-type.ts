import { ElementType } from './onnx/element-type';

/** Values of a tensor in host memory. */
export type HostArray = Float32Array | Int32Array | Uint8Array;

/** Data types of TensorFlow.js that live in typed arrays and run natively. */
export type NumericType = 'float32' | 'int32' | 'bool';

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** A zeroed array for `size` elements of a data type. */
export function newArray(dtype: NumericType, size: number): HostArray {
  return new arrays[dtype](size);
}

/** An array of `size` elements over the beginning of a buffer. */
export function arrayOver(buffer: ArrayBufferLike, dtype: NumericType, size: number): HostArray {
  return new arrays[dtype](buffer as ArrayBuffer, 0, size);
}

/** Bytes of `size` elements of a data type. */
export function byteLengthOf(dtype: NumericType, size: number): number {
  return size * arrays[dtype].BYTES_PER_ELEMENT;
}

/** ONNX element type of a data type. */
export function elementTypeOf(dtype: NumericType): ElementType {
  return ElementType[dtype];
}

/** Data type that an element type stands for; int64 and float64 occur only inside a graph and have none. */
export function dtypeOf(type: ElementType): NumericType {
  if (type === ElementType.float32) return 'float32';
  if (type === ElementType.int32) return 'int32';
  if (type === ElementType.bool) return 'bool';
  throw new TypeError(`element type ${type} has no counterpart in TensorFlow.js`);
}
