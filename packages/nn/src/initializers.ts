import { type Initializer, ShapeError } from '@polymodal/core';

/** All zeros. */
export const zeros: Initializer = (shape) => new Float32Array(sizeOf(shape));

/** All ones. */
export const ones: Initializer = constant(1);

/** The same value everywhere. */
export function constant(value: number): Initializer {
  return (shape) => new Float32Array(sizeOf(shape)).fill(value);
}

/** Normal with mean 0. */
export function normal(std: number): Initializer {
  return (shape, key) => scaled(key.normal(sizeOf(shape)), std);
}

/** Normal with mean 0, where values beyond two standard deviations are drawn again: |x| ≤ 2 · std. */
export function truncatedNormal(std = 0.02): Initializer {
  return (shape, key) => {
    const values = key.normal(sizeOf(shape));
    for (let attempt = 0; ; attempt++) {
      const beyond = placesBeyond(values, 2);
      if (beyond.length === 0) return scaled(values, std);
      const replacements = key.fold(attempt).normal(beyond.length);
      for (let i = 0; i < beyond.length; i++) values[beyond[i]] = replacements[i];
    }
  };
}

/** Uniform in ± bound. */
export function uniform(bound: number): Initializer {
  return (shape, key) => within(shape, key, bound);
}

/**
 * Uniform in ± sqrt(6 / (fanIn + fanOut)), which keeps the variance of activations and of gradients through a linear
 * layer (Glorot and Bengio 2010, eq. 16).
 */
export function xavierUniform(): Initializer {
  return (shape, key) => {
    const { fanIn, fanOut } = fans(shape);
    return within(shape, key, Math.sqrt(6 / (fanIn + fanOut)));
  };
}

/** Uniform in ± sqrt(6 / fanIn), which keeps the variance of activations through a ReLU (He et al. 2015, eq. 10). */
export function kaimingUniform(): Initializer {
  return (shape, key) => within(shape, key, Math.sqrt(6 / fans(shape).fanIn));
}

function within(shape: readonly number[], key: Parameters<Initializer>[1], bound: number): Float32Array {
  const values = key.uniform(sizeOf(shape));
  for (let i = 0; i < values.length; i++) values[i] = (2 * values[i] - 1) * bound;
  return values;
}

/** In place: a parameter may be too large to be in memory twice. */
function scaled(values: Float32Array, factor: number): Float32Array {
  for (let i = 0; i < values.length; i++) values[i] *= factor;
  return values;
}

function placesBeyond(values: Float32Array, limit: number): Uint32Array {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (Math.abs(values[i]) > limit) count++;
  const places = new Uint32Array(count);
  for (let i = 0, found = 0; found < count; i++) if (Math.abs(values[i]) > limit) places[found++] = i;
  return places;
}

/** How many values feed one output, and how many outputs one input feeds, for [out, in, …kernel]. */
function fans(shape: readonly number[]): { fanIn: number; fanOut: number } {
  if (shape.length < 2) {
    throw new ShapeError({
      where: 'initializer',
      expected: 'a shape [out, in, …kernel]',
      received: `[${shape.join(', ')}]`,
      hint: 'Use zeros, ones, constant, normal or truncatedNormal for a parameter with fewer than two axes.',
    });
  }
  const [out, input, ...kernel] = shape;
  const area = sizeOf(kernel);
  return { fanIn: input * area, fanOut: out * area };
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
