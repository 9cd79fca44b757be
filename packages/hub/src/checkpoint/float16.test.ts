import { describe, expect, it } from 'vitest';
import { bfloat16BitsOfFloat32, float16BitsOfFloat32, float32BitsOfFloat16 } from './float16';

const floatOf = (bits: number) => new Float32Array(Uint32Array.of(bits).buffer)[0];
const bitsOf = (value: number) => new Uint32Array(Float32Array.of(value).buffer)[0];

/** The value of a float16 by the definition of the format. */
function defined(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -14 : (1 + fraction) * 2 ** (exponent - 15));
}

describe('float16', () => {
  it('decodes each of its 65536 values as the format defines it', () => {
    for (let bits = 0; bits < 1 << 16; bits++) {
      if (!Object.is(floatOf(float32BitsOfFloat16[bits]), defined(bits))) expect.fail(`0x${bits.toString(16)}`);
    }
  });

  it('encodes each of its values, every NaN too, back to the same bits', () => {
    for (let bits = 0; bits < 1 << 16; bits++) {
      if (float16BitsOfFloat32(float32BitsOfFloat16[bits]) !== bits) expect.fail(`0x${bits.toString(16)}`);
    }
  });

  it('rounds what lies between two neighbours to the nearer one, and ties to the even one', () => {
    for (let bits = 0; bits < 0x7bff; bits++) {
      const [below, above] = [defined(bits), defined(bits + 1)];
      const middle = (below + above) / 2; // exact in float32
      const even = bits % 2 === 0 ? bits : bits + 1;
      const rounded = [bitsOf(middle) - 1, bitsOf(middle), bitsOf(middle) + 1].map(float16BitsOfFloat32);
      const negative = float16BitsOfFloat32(bitsOf(-middle));
      if (`${rounded}` !== `${[bits, even, bits + 1]}` || negative !== (even | 0x8000))
        expect.fail(`0x${bits.toString(16)}`);
    }
  });

  it('overflows to infinity from half way beyond its largest value on', () => {
    expect(float16BitsOfFloat32(bitsOf(65519.99))).toBe(0x7bff);
    expect(float16BitsOfFloat32(bitsOf(65520))).toBe(0x7c00);
    expect(float16BitsOfFloat32(bitsOf(-3e38))).toBe(0xfc00);
    expect(float16BitsOfFloat32(bitsOf(Number.NaN)) & 0x7fff).toBeGreaterThan(0x7c00);
    expect(float16BitsOfFloat32(0xff800001)).toBe(0xfe00); // a NaN whose fraction float16 has no bits for
  });
});

describe('bfloat16', () => {
  it('encodes each of its values, every NaN too, back to the same bits', () => {
    for (let bits = 0; bits < 1 << 16; bits++) {
      if (bfloat16BitsOfFloat32(bits << 16) !== bits) expect.fail(`0x${bits.toString(16)}`);
    }
  });

  it('rounds what lies between two neighbours to the nearer one, and ties to the even one', () => {
    for (let upper = 0; upper < 0x7f80; upper++) {
      const middle = upper * 0x10000 + 0x8000;
      const rounded = [middle - 1, middle, middle + 1].map(bfloat16BitsOfFloat32);
      if (`${rounded}` !== `${[upper, upper + (upper % 2), upper + 1]}`) expect.fail(`0x${upper.toString(16)}`);
    }
    expect(bfloat16BitsOfFloat32(0x7f800001)).toBe(0x7fc0); // a NaN whose fraction bfloat16 has no bits for
  });
});
