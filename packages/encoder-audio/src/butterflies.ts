/**
 * One stage of a Fourier transform (Stockham's autosort): of `target[q + s (r p + j)]`, with r values each, the stage makes
 * `Σ_k source[q + s (p + m k)] exp(−2πi j k / r)`, turned by `exp(−2πi p j / (r m))`. Complex numbers stand side by side.
 *
 * @param m        how many p there are
 * @param s        how many q
 * @param twiddles the turns of j = 1 … r − 1 for each p
 */
export type Butterfly = (
  source: readonly number[],
  target: number[],
  m: number,
  s: number,
  twiddles: readonly number[],
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

function radix2(x: readonly number[], y: number[], m: number, s: number, twiddles: readonly number[]): void {
  const step = 2 * s * m;
  for (let p = 0; p < m; p++) {
    const wr = twiddles[2 * p];
    const wi = twiddles[2 * p + 1];
    let o = 4 * s * p;
    for (let a = 2 * s * p; a < 2 * s * (p + 1); a += 2, o += 2) {
      const b = a + step;
      const dr = x[a] - x[b];
      const di = x[a + 1] - x[b + 1];
      y[o] = x[a] + x[b];
      y[o + 1] = x[a + 1] + x[b + 1];
      y[o + 2 * s] = dr * wr - di * wi;
      y[o + 2 * s + 1] = dr * wi + di * wr;
    }
  }
}

function radix3(x: readonly number[], y: number[], m: number, s: number, twiddles: readonly number[]): void {
  const step = 2 * s * m;
  for (let p = 0; p < m; p++) {
    const w1r = twiddles[4 * p];
    const w1i = twiddles[4 * p + 1];
    const w2r = twiddles[4 * p + 2];
    const w2i = twiddles[4 * p + 3];
    let o = 6 * s * p;
    for (let a = 2 * s * p; a < 2 * s * (p + 1); a += 2, o += 2) {
      const b = a + step;
      const c = b + step;
      const sumR = x[b] + x[c];
      const sumI = x[b + 1] + x[c + 1];
      const mr = x[a] - sumR / 2;
      const mi = x[a + 1] - sumI / 2;
      const nr = sin60 * (x[b + 1] - x[c + 1]); // times −i
      const ni = sin60 * (x[c] - x[b]);
      y[o] = x[a] + sumR;
      y[o + 1] = x[a + 1] + sumI;
      y[o + 2 * s] = (mr + nr) * w1r - (mi + ni) * w1i;
      y[o + 2 * s + 1] = (mr + nr) * w1i + (mi + ni) * w1r;
      y[o + 4 * s] = (mr - nr) * w2r - (mi - ni) * w2i;
      y[o + 4 * s + 1] = (mr - nr) * w2i + (mi - ni) * w2r;
    }
  }
}

function radix4(x: readonly number[], y: number[], m: number, s: number, twiddles: readonly number[]): void {
  const step = 2 * s * m;
  for (let p = 0; p < m; p++) {
    const w1r = twiddles[6 * p];
    const w1i = twiddles[6 * p + 1];
    const w2r = twiddles[6 * p + 2];
    const w2i = twiddles[6 * p + 3];
    const w3r = twiddles[6 * p + 4];
    const w3i = twiddles[6 * p + 5];
    let o = 8 * s * p;
    for (let a = 2 * s * p; a < 2 * s * (p + 1); a += 2, o += 2) {
      const b = a + step;
      const c = b + step;
      const d = c + step;
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
      y[o + 2 * s] = (er + fr) * w1r - (ei + fi) * w1i;
      y[o + 2 * s + 1] = (er + fr) * w1i + (ei + fi) * w1r;
      y[o + 4 * s] = (acR - bdR) * w2r - (acI - bdI) * w2i;
      y[o + 4 * s + 1] = (acR - bdR) * w2i + (acI - bdI) * w2r;
      y[o + 6 * s] = (er - fr) * w3r - (ei - fi) * w3i;
      y[o + 6 * s + 1] = (er - fr) * w3i + (ei - fi) * w3r;
    }
  }
}

function radix5(x: readonly number[], y: number[], m: number, s: number, twiddles: readonly number[]): void {
  const step = 2 * s * m;
  for (let p = 0; p < m; p++) {
    const w1r = twiddles[8 * p];
    const w1i = twiddles[8 * p + 1];
    const w2r = twiddles[8 * p + 2];
    const w2i = twiddles[8 * p + 3];
    const w3r = twiddles[8 * p + 4];
    const w3i = twiddles[8 * p + 5];
    const w4r = twiddles[8 * p + 6];
    const w4i = twiddles[8 * p + 7];
    let o = 10 * s * p;
    for (let a = 2 * s * p; a < 2 * s * (p + 1); a += 2, o += 2) {
      const b = a + step;
      const c = b + step;
      const d = c + step;
      const e = d + step;
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
      y[o + 2 * s] = (m1r + n1r) * w1r - (m1i + n1i) * w1i;
      y[o + 2 * s + 1] = (m1r + n1r) * w1i + (m1i + n1i) * w1r;
      y[o + 4 * s] = (m2r + n2r) * w2r - (m2i + n2i) * w2i;
      y[o + 4 * s + 1] = (m2r + n2r) * w2i + (m2i + n2i) * w2r;
      y[o + 6 * s] = (m2r - n2r) * w3r - (m2i - n2i) * w3i;
      y[o + 6 * s + 1] = (m2r - n2r) * w3i + (m2i - n2i) * w3r;
      y[o + 8 * s] = (m1r - n1r) * w4r - (m1i - n1i) * w4i;
      y[o + 8 * s + 1] = (m1r - n1r) * w4i + (m1i - n1i) * w4r;
    }
  }
}
