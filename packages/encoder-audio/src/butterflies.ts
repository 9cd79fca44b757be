/**
 * One stage of a Fourier transform (Stockham's autosort): of `target[q + s (r p + j)]`, with r values each, the stage makes
 * `Σ_k source[q + s (p + m k)] exp(−2πi j k / r)`, turned by `exp(−2πi p j / (r m))`. Complex numbers stand side by side.
 *
 * @param m        how many p there are
 * @param s        how many q
 * @param twiddles the turns of j = 1 … r − 1 for each p
 */
export type Butterfly = (
  source: Float64Array,
  target: Float64Array,
  m: number,
  s: number,
  twiddles: Float64Array,
) => void;

const sin60 = Math.sqrt(3) / 2;
const [cos72, sin72] = [Math.cos((2 * Math.PI) / 5), Math.sin((2 * Math.PI) / 5)];
const [cos144, sin144] = [Math.cos((4 * Math.PI) / 5), Math.sin((4 * Math.PI) / 5)];

/** The radices that there are, the quickest first. */
export const butterflies: ReadonlyMap<number, Butterfly> = new Map([
  [4, radix4],
  [5, radix5],
  [3, radix3],
  [2, radix2],
]);

function radix2(x: Float64Array, y: Float64Array, m: number, s: number, twiddles: Float64Array): void {
  for (let p = 0; p < m; p++) {
    const [wr, wi] = [twiddles[2 * p], twiddles[2 * p + 1]];
    for (let q = 0; q < s; q++) {
      const a = 2 * (q + s * p);
      const b = a + 2 * s * m;
      const o = 2 * (q + s * 2 * p);
      const dr = x[a] - x[b];
      const di = x[a + 1] - x[b + 1];
      y[o] = x[a] + x[b];
      y[o + 1] = x[a + 1] + x[b + 1];
      y[o + 2 * s] = dr * wr - di * wi;
      y[o + 2 * s + 1] = dr * wi + di * wr;
    }
  }
}

function radix3(x: Float64Array, y: Float64Array, m: number, s: number, twiddles: Float64Array): void {
  for (let p = 0; p < m; p++) {
    for (let q = 0; q < s; q++) {
      const a = 2 * (q + s * p);
      const b = a + 2 * s * m;
      const c = b + 2 * s * m;
      const o = 2 * (q + s * 3 * p);
      const sumR = x[b] + x[c];
      const sumI = x[b + 1] + x[c + 1];
      const mr = x[a] - sumR / 2;
      const mi = x[a + 1] - sumI / 2;
      const nr = sin60 * (x[b + 1] - x[c + 1]);
      const ni = sin60 * (x[c] - x[b]);
      y[o] = x[a] + sumR;
      y[o + 1] = x[a + 1] + sumI;
      turn(y, o + 2 * s, mr + nr, mi + ni, twiddles, 4 * p);
      turn(y, o + 4 * s, mr - nr, mi - ni, twiddles, 4 * p + 2);
    }
  }
}

function radix4(x: Float64Array, y: Float64Array, m: number, s: number, twiddles: Float64Array): void {
  for (let p = 0; p < m; p++) {
    for (let q = 0; q < s; q++) {
      const a = 2 * (q + s * p);
      const b = a + 2 * s * m;
      const c = b + 2 * s * m;
      const d = c + 2 * s * m;
      const o = 2 * (q + s * 4 * p);
      const acR = x[a] + x[c];
      const acI = x[a + 1] + x[c + 1];
      const bdR = x[b] + x[d];
      const bdI = x[b + 1] + x[d + 1];
      const er = x[a] - x[c];
      const ei = x[a + 1] - x[c + 1];
      const fr = x[b + 1] - x[d + 1]; // −i (b − d)
      const fi = x[d] - x[b];
      y[o] = acR + bdR;
      y[o + 1] = acI + bdI;
      turn(y, o + 2 * s, er + fr, ei + fi, twiddles, 6 * p);
      turn(y, o + 4 * s, acR - bdR, acI - bdI, twiddles, 6 * p + 2);
      turn(y, o + 6 * s, er - fr, ei - fi, twiddles, 6 * p + 4);
    }
  }
}

function radix5(x: Float64Array, y: Float64Array, m: number, s: number, twiddles: Float64Array): void {
  for (let p = 0; p < m; p++) {
    for (let q = 0; q < s; q++) {
      const a = 2 * (q + s * p);
      const b = a + 2 * s * m;
      const c = b + 2 * s * m;
      const d = c + 2 * s * m;
      const e = d + 2 * s * m;
      const o = 2 * (q + s * 5 * p);
      const beR = x[b] + x[e];
      const beI = x[b + 1] + x[e + 1];
      const cdR = x[c] + x[d];
      const cdI = x[c + 1] + x[d + 1];
      const br = x[b] - x[e];
      const bi = x[b + 1] - x[e + 1];
      const cr = x[c] - x[d];
      const ci = x[c + 1] - x[d + 1];
      const m1r = x[a] + cos72 * beR + cos144 * cdR;
      const m1i = x[a + 1] + cos72 * beI + cos144 * cdI;
      const m2r = x[a] + cos144 * beR + cos72 * cdR;
      const m2i = x[a + 1] + cos144 * beI + cos72 * cdI;
      const n1r = sin72 * bi + sin144 * ci; // times −i
      const n1i = -(sin72 * br + sin144 * cr);
      const n2r = sin144 * bi - sin72 * ci;
      const n2i = -(sin144 * br - sin72 * cr);
      y[o] = x[a] + beR + cdR;
      y[o + 1] = x[a + 1] + beI + cdI;
      turn(y, o + 2 * s, m1r + n1r, m1i + n1i, twiddles, 8 * p);
      turn(y, o + 4 * s, m2r + n2r, m2i + n2i, twiddles, 8 * p + 2);
      turn(y, o + 6 * s, m2r - n2r, m2i - n2i, twiddles, 8 * p + 4);
      turn(y, o + 8 * s, m1r - n1r, m1i - n1i, twiddles, 8 * p + 6);
    }
  }
}

/** `target[at]` = (real + i imaginary) · `twiddles[from]` */
function turn(
  target: Float64Array,
  at: number,
  real: number,
  imaginary: number,
  twiddles: Float64Array,
  from: number,
): void {
  const [wr, wi] = [twiddles[from], twiddles[from + 1]];
  target[at] = real * wr - imaginary * wi;
  target[at + 1] = real * wi + imaginary * wr;
}
