import type { SafetensorsDtype } from '@polymodal/core';
import { float32BitsOfFloat16 } from './float16';

type Values = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

/** How the elements of a stored type become an array that TensorFlow.js takes. */
export interface ElementDecoder<V extends Values = Values> {
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly bytes: number;
  create(length: number): V;
  /** Whether the stored bytes are those of the array, so that a file can be read right into it. */
  readonly isSame: boolean;
  /**
   * Decodes `source`, which is aligned to its elements, to `target` from `start` on; after reading right into the array,
   * where `isSame`, checks it.
   *
   * @returns the first value that the target type does not hold, if there is one
   */
  decode(source: Uint8Array<ArrayBuffer>, target: V, start: number): bigint | number | undefined;
}

const float32 = { dtype: 'float32', create: (length: number) => new Float32Array(length), isSame: false } as const;
const int32 = { dtype: 'int32', create: (length: number) => new Int32Array(length), isSame: false } as const;

const f32: ElementDecoder<Float32Array<ArrayBuffer>> = { ...float32, bytes: 4, isSame: true, decode: () => undefined };

const f64: ElementDecoder<Float32Array<ArrayBuffer>> = {
  ...float32,
  bytes: 8,
  decode: (source, target, start) => void target.set(elements(source, Float64Array), start),
};

const f16: ElementDecoder<Float32Array<ArrayBuffer>> = {
  ...float32,
  bytes: 2,
  decode(source, target, start) {
    const halves = elements(source, Uint16Array);
    const bits = new Uint32Array(target.buffer);
    for (let i = 0; i < halves.length; i++) bits[start + i] = float32BitsOfFloat16[halves[i]];
    return undefined;
  },
};

/** bfloat16 is the upper half of a float32. */
const bf16: ElementDecoder<Float32Array<ArrayBuffer>> = {
  ...float32,
  bytes: 2,
  decode(source, target, start) {
    const halves = elements(source, Uint16Array);
    const bits = new Uint32Array(target.buffer);
    for (let i = 0; i < halves.length; i++) bits[start + i] = halves[i] << 16;
    return undefined;
  },
};

const i32: ElementDecoder<Int32Array<ArrayBuffer>> = { ...int32, bytes: 4, isSame: true, decode: () => undefined };

const u32: ElementDecoder<Int32Array<ArrayBuffer>> = {
  ...int32,
  bytes: 4,
  decode(source, target, start) {
    const values = elements(source, Int32Array);
    target.set(values, start);
    const wrong = values.findIndex((value) => value < 0);
    return wrong < 0 ? undefined : values[wrong] >>> 0;
  },
};

const i64 = wideInteger((low, high) => high === low >> 31, BigInt64Array);
const u64 = wideInteger((low, high) => high === 0 && low >= 0, BigUint64Array);

const bool: ElementDecoder<Uint8Array<ArrayBuffer>> = {
  dtype: 'bool',
  bytes: 1,
  create: (length) => new Uint8Array(length),
  isSame: true,
  decode: (source) => source.find((value) => value > 1),
};

/** By stored type; a type that is not here cannot be read. */
export const elementDecoders: { readonly [D in SafetensorsDtype]?: ElementDecoder } = {
  F32: f32,
  F64: f64,
  F16: f16,
  BF16: bf16,
  I32: i32,
  U32: u32,
  I64: i64,
  U64: u64,
  I16: narrowInteger(Int16Array),
  U16: narrowInteger(Uint16Array),
  I8: narrowInteger(Int8Array),
  U8: narrowInteger(Uint8Array),
  BOOL: bool,
};

type TypedArray = { readonly BYTES_PER_ELEMENT: number };
type TypedArrayConstructor<A> = {
  new (buffer: ArrayBuffer, offset: number, length: number): A;
  readonly BYTES_PER_ELEMENT: number;
};

function elements<A extends TypedArray>(source: Uint8Array<ArrayBuffer>, Elements: TypedArrayConstructor<A>): A {
  return new Elements(source.buffer, source.byteOffset, source.byteLength / Elements.BYTES_PER_ELEMENT);
}

function narrowInteger(
  Elements: TypedArrayConstructor<Int16Array | Uint16Array | Int8Array | Uint8Array>,
): ElementDecoder<Int32Array<ArrayBuffer>> {
  return {
    ...int32,
    bytes: Elements.BYTES_PER_ELEMENT,
    decode: (source, target, start) => void target.set(elements(source, Elements), start),
  };
}

/** 64-bit integers in two halves, since BigInt is slow. */
function wideInteger(
  fits: (low: number, high: number) => boolean,
  Elements: TypedArrayConstructor<BigInt64Array | BigUint64Array>,
): ElementDecoder<Int32Array<ArrayBuffer>> {
  return {
    ...int32,
    bytes: 8,
    decode(source, target, start) {
      const halves = elements(source, Int32Array);
      for (let i = 0; i < halves.length; i += 2) {
        if (!fits(halves[i], halves[i + 1])) return elements(source, Elements)[i / 2];
        target[start + i / 2] = halves[i];
      }
      return undefined;
    },
  };
}
