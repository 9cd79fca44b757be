import type { SafetensorsDtype } from '@polymodal/core';
import { bfloat16BitsOfFloat32, float16BitsOfFloat32 } from '../checkpoint/float16';

/** Values that can be written: fractions as a float type, integers as an integer type or BOOL. */
export type TensorValues = Float32Array | Float64Array | Int32Array | Uint8Array | BigInt64Array;

/** Bytes that stand for values, or the first value that the type does not hold. */
type Encoded = { readonly bytes: Uint8Array } | { readonly misfit: number | bigint };

/** How values become the bytes of a stored type; `undefined` for a kind of array that the type does not take. */
export type ElementEncoder = (values: TensorValues) => Encoded | undefined;

/** By stored type; a type that is not here cannot be written. */
export const elementEncoders: { readonly [D in SafetensorsDtype]?: ElementEncoder } = {
  F64: (values) => fractions(values, (all) => (all instanceof Float64Array ? all : Float64Array.from(all))),
  F32: (values) => fractions(values, (all) => (all instanceof Float32Array ? all : Float32Array.from(all))),
  F16: (values) => fractions(values, (all) => halves(all, float16BitsOfFloat32)),
  BF16: (values) => fractions(values, (all) => halves(all, bfloat16BitsOfFloat32)),
  I64: (values) => (isFractions(values) ? undefined : { bytes: bytesOf(bigIntegers(values)) }),
  I32: (values) => integers(values, Int32Array, -(2 ** 31), 2 ** 31 - 1),
  I16: (values) => integers(values, Int16Array, -(2 ** 15), 2 ** 15 - 1),
  I8: (values) => integers(values, Int8Array, -128, 127),
  U8: (values) => integers(values, Uint8Array, 0, 255),
  BOOL: (values) => integers(values, Uint8Array, 0, 1),
};

/** The type that holds exactly what an array holds. */
export function ownDtype(values: TensorValues): SafetensorsDtype {
  if (values instanceof Float32Array) return 'F32';
  if (values instanceof Float64Array) return 'F64';
  if (values instanceof Int32Array) return 'I32';
  return values instanceof BigInt64Array ? 'I64' : 'U8';
}

function isFractions(values: TensorValues): values is Float32Array | Float64Array {
  return values instanceof Float32Array || values instanceof Float64Array;
}

function fractions(
  values: TensorValues,
  convert: (values: Float32Array | Float64Array) => ArrayBufferView,
): Encoded | undefined {
  return isFractions(values) ? { bytes: bytesOf(convert(values)) } : undefined;
}

function halves(values: Float32Array | Float64Array, bitsOf: (bits: number) => number): Uint16Array {
  const singles = values instanceof Float32Array ? values : Float32Array.from(values);
  const bits = new Uint32Array(singles.buffer, singles.byteOffset, singles.length);
  const result = new Uint16Array(bits.length);
  for (let i = 0; i < bits.length; i++) result[i] = bitsOf(bits[i]);
  return result;
}

function bigIntegers(values: Int32Array | Uint8Array | BigInt64Array): BigInt64Array {
  return values instanceof BigInt64Array ? values : BigInt64Array.from(values, BigInt);
}

function integers(
  values: TensorValues,
  Target: Int32ArrayConstructor | Int16ArrayConstructor | Int8ArrayConstructor | Uint8ArrayConstructor,
  lowest: number,
  highest: number,
): Encoded | undefined {
  if (isFractions(values) || values instanceof BigInt64Array) return undefined;
  for (const value of values) if (value < lowest || value > highest) return { misfit: value };
  return { bytes: bytesOf(values instanceof Target ? values : Target.from(values)) };
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
