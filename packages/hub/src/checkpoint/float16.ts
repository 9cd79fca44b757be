/**
 * The float32 bits of every float16 (IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits), by its own bits. NaN keeps
 * its sign and payload.
 */
export const float32BitsOfFloat16: Uint32Array = /* @__PURE__ */ tabulate();

function tabulate(): Uint32Array {
  const table = new Uint32Array(1 << 16);
  for (let bits = 0; bits < 1 << 16; bits++) {
    const sign = (bits & 0x8000) << 16;
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    table[bits] = sign | (exponent === 0 ? subnormal(fraction) : normal(exponent, fraction));
  }
  return table;
}

function normal(exponent: number, fraction: number): number {
  return ((exponent === 31 ? 255 : exponent - 15 + 127) << 23) | (fraction << 13);
}

/** fraction · 2⁻²⁴, which float32 holds as a normal number. */
function subnormal(fraction: number): number {
  if (fraction === 0) return 0;
  const highest = 31 - Math.clz32(fraction);
  return ((highest - 24 + 127) << 23) | ((fraction << (23 - highest)) & 0x7fffff);
}

/** The float16 bits that are nearest to a float32, ties to even, as PyTorch and NumPy round; NaN stays NaN. */
export function float16BitsOfFloat32(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7c00 | quietFraction((magnitude >> 13) & 1023, 0x200);
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // from 65520, half way beyond the largest, on
  if (magnitude >= 0x38800000) return sign | roundedShift(magnitude - 0x38000000, 13); // from 2⁻¹⁴ on: exponent − 112
  const exponent = magnitude >>> 23;
  if (exponent < 102) return sign; // below 2⁻²⁵, half of the smallest
  return sign | roundedShift((magnitude & 0x7fffff) | 0x800000, 126 - exponent);
}

/** The bfloat16 bits that are nearest to a float32, ties to even; NaN stays NaN. */
export function bfloat16BitsOfFloat32(bits: number): number {
  if ((bits & 0x7fffffff) <= 0x7f800000) return roundedShift(bits, 16);
  return ((bits >>> 16) & 0xff80) | quietFraction((bits >>> 16) & 0x7f, 0x40);
}

/** What a NaN's fraction keeps; as 0 it would mean infinity. */
function quietFraction(kept: number, quiet: number): number {
  return kept === 0 ? quiet : kept;
}

/** bits / 2ⁿ, rounded to the nearest integer, ties to even. */
function roundedShift(bits: number, n: number): number {
  const quotient = bits >>> n;
  const rest = (bits >>> 0) - quotient * 2 ** n;
  const half = 2 ** (n - 1);
  return rest > half || (rest === half && quotient % 2 === 1) ? quotient + 1 : quotient;
}
