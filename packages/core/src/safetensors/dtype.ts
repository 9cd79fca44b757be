/** Bits of one element, for every type that the safetensors format knows (safetensors 0.8, `Dtype`). */
const bitsOfDtype = {
  BOOL: 8,
  U8: 8,
  I8: 8,
  U16: 16,
  I16: 16,
  F16: 16,
  BF16: 16,
  U32: 32,
  I32: 32,
  F32: 32,
  U64: 64,
  I64: 64,
  F64: 64,
  C64: 64,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E5M2FNUZ: 8,
  F8_E4M3FNUZ: 8,
  F8_E8M0: 8,
  F6_E2M3: 6,
  F6_E3M2: 6,
  F4: 4,
} as const;

/** How a safetensors file stores the elements of a tensor. */
export type SafetensorsDtype = keyof typeof bitsOfDtype;

export function isSafetensorsDtype(name: unknown): name is SafetensorsDtype {
  return typeof name === 'string' && Object.hasOwn(bitsOfDtype, name);
}

/** Bytes of a tensor in a file; `undefined` where they are beyond exact numbers, or no whole bytes. */
export function safetensorsByteLength(dtype: SafetensorsDtype, shape: readonly number[]): number | undefined {
  let elements = 1;
  for (const length of shape) {
    elements *= length;
    if (!Number.isSafeInteger(elements)) return undefined;
  }
  const bits = elements * bitsOfDtype[dtype];
  return Number.isSafeInteger(bits) && bits % 8 === 0 ? bits / 8 : undefined;
}
