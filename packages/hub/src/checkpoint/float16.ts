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
