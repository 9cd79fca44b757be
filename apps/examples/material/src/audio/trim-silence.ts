/**
 * Cuts what is silent at both ends: 10 ms frames whose level lies more than 40 dB below the loudest frame's.
 *
 * @param rate samples a second
 */
export function trimSilence(samples: Float32Array, rate: number): Float32Array {
  const frame = Math.max(1, Math.round(rate / 100));
  const powers = Array.from({ length: Math.ceil(samples.length / frame) }, (_, i) =>
    meanPower(samples.subarray(i * frame, (i + 1) * frame)),
  );
  const threshold = Math.max(...powers) * 1e-4;
  const first = powers.findIndex((power) => power > threshold);
  if (first < 0) return samples.subarray(0, 0);
  const last = powers.findLastIndex((power) => power > threshold);
  return samples.slice(first * frame, (last + 1) * frame);
}

/** Mean square; 0 of nothing. */
export function meanPower(samples: Float32Array): number {
  let sum = 0;
  for (const value of samples) sum += value * value;
  return samples.length > 0 ? sum / samples.length : 0;
}
