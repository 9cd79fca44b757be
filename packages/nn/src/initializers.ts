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
  return (shape, key) => key.normal(sizeOf(shape)).map((value) => value * std);
}

/** Normal with mean 0, where values beyond two standard deviations are drawn again: |x| ≤ 2 · std. */
export function truncatedNormal(std = 0.02): Initializer {
  return (shape, key) => {
    const values = key.normal(sizeOf(shape));
    for (let attempt = 0; ; attempt++) {
      const beyond = [...values.keys()].filter((index) => Math.abs(values[index]) > 2);
      if (beyond.length === 0) return values.map((value) => value * std);
      const replacements = key.fold(attempt).normal(beyond.length);
      beyond.forEach((index, position) => {
        values[index] = replacements[position];
      });
    }
  };
}

/**
 * Uniform in ± sqrt(6 / (fanIn + fanOut)), which keeps the variance of activations and of gradients through a linear
 * layer (Glorot and Bengio 2010, eq. 16).
 */
export function xavierUniform(): Initializer {
  return (shape, key) => {
    const { fanIn, fanOut } = fans(shape);
    return uniform(shape, key, Math.sqrt(6 / (fanIn + fanOut)));
  };
}

/** Uniform in ± sqrt(6 / fanIn), which keeps the variance of activations through a ReLU (He et al. 2015, eq. 10). */
export function kaimingUniform(): Initializer {
  return (shape, key) => uniform(shape, key, Math.sqrt(6 / fans(shape).fanIn));
}

function uniform(shape: readonly number[], key: Parameters<Initializer>[1], bound: number): Float32Array {
  return key.uniform(sizeOf(shape)).map((value) => (2 * value - 1) * bound);
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
