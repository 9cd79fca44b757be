import type { Initializer } from '@polymodal/core';

/**
 * Sines in the first half of the features and cosines in the second, of wavelengths from 2π to 10000 · 2π (HF `sinusoids` of
 * Whisper). Other than those of Vaswani et al., which alternate, and reach the longest wavelength only in the limit.
 */
export const sinusoids: Initializer = ([length, size]) => {
  const half = Math.floor(size / 2);
  return Float32Array.from({ length: length * size }, (_, at) => {
    const [position, feature] = [Math.floor(at / size), at % size];
    const angle = position * 10000 ** (-(feature % half) / Math.max(half - 1, 1));
    return feature < half ? Math.sin(angle) : Math.cos(angle);
  });
};
