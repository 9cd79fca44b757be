import { ElementType } from './onnx/element-type';

/** Values of a tensor in host memory, as TensorFlow.js knows them. */
export type TensorArray = Float32Array | Int32Array | Uint8Array;

/** Values in host memory, those among them that a tensor is multiplied out of. */
export type HostArray = TensorArray | Int8Array;

/** Data types of TensorFlow.js that live in typed arrays and run natively. */
export type NumericType = 'float32' | 'int32' | 'bool';

/** Those, and one in which TensorFlow.js has no tensors, but some are multiplied out of. */
export type HeldType = NumericType | 'int8';

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array, int8: Int8Array } as const;

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
export function elementTypeOf(dtype: HeldType): ElementType {
  return ElementType[dtype];
}

/** Data type that an element type stands for. @throws TypeError for one that TensorFlow.js has no tensors of */
export function dtypeOf(type: ElementType): NumericType {
  const held = heldTypeOf(type);
  if (held !== 'int8') return held;
  throw new TypeError('int8 has no counterpart in TensorFlow.js');
}

/** Type of the arrays that an element type is held in; int64 and float64 occur only inside a graph and have none. */
export function heldTypeOf(type: ElementType): HeldType {
  if (type === ElementType.float32) return 'float32';
  if (type === ElementType.int32) return 'int32';
  if (type === ElementType.bool) return 'bool';
  if (type === ElementType.int8) return 'int8';
  throw new TypeError(`element type ${type} is held in no array`);
}
