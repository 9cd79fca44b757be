import type { RandomKey } from '@polymodal/core';

/** A number from 0 to 1 of the distribution Beta(alpha, alpha): γ₁ / (γ₁ + γ₂), of two of the gamma distribution. */
export function drawShare(alpha: number, key: RandomKey): number {
  const [own, other] = ['own', 'other'].map((name) => logGamma(alpha, key.fold(name)));
  return 1 / (1 + Math.exp(other - own));
}

/** The logarithm of a gamma-distributed number (Marsaglia and Tsang 2000), since it may be too small to be held. */
function logGamma(shape: number, key: RandomKey): number {
  if (shape < 1) return logGamma(shape + 1, key.fold('above')) + Math.log(positive(key)) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (let attempt = 0; ; attempt++) {
    const own = key.fold(attempt);
    const [x] = own.fold('normal').normal(1);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(positive(own)) < 0.5 * x * x + d - d * v + d * Math.log(v)) return Math.log(d * v);
  }
}

/** Uniform, above 0. */
function positive(key: RandomKey): number {
  return 1 - key.fold('uniform').uniform(1)[0];
}
