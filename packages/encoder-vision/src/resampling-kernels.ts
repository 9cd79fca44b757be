/** Names of the resampling kernels. */
export type Kernel = 'nearest' | 'box' | 'bilinear' | 'hamming' | 'bicubic' | 'lanczos';

/** How much a source pixel at a distance counts, and up to which distance any does. */
interface ResamplingKernel {
  readonly radius: number;
  weight(distance: number): number;
}

/** Kernels with the constants of Pillow: bicubic with a = −1/2 (Keys 1981), Lanczos with three lobes. */
export const kernels: Readonly<Record<Kernel, ResamplingKernel>> = {
  nearest: { radius: 0, weight: () => 1 },
  box: { radius: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { radius: 1, weight: (x) => Math.max(1 - Math.abs(x), 0) },
  hamming: { radius: 1, weight: (x) => (Math.abs(x) < 1 ? sinc(x) * (0.54 + 0.46 * Math.cos(Math.PI * x)) : 0) },
  bicubic: { radius: 2, weight: (x) => cubic(Math.abs(x)) },
  lanczos: { radius: 3, weight: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

function cubic(x: number): number {
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}
