/**
 * How the log-mel values of one recording are scaled:
 *
 * - `recording`: what lies more than 80 dB below the loudest value is raised to that, then mean 0 and variance 1, so
 *   that neither gain nor a silent band matters;
 * - `whisper`: the same floor, then (x + 4) / 4, as Whisper was trained with;
 * - `none`: log10 of the power as it is.
 */
export type LogMelNormalization = 'recording' | 'whisper' | 'none';

const dynamicRange = 8; // in log10 of power: 80 dB

/** Scales the values in place. */
export function normalizeLogMel(logMel: Float32Array, normalization: LogMelNormalization): void {
  if (normalization === 'none') return;
  let loudest = -Infinity;
  for (const value of logMel) loudest = Math.max(loudest, value);
  const floor = loudest - dynamicRange;
  const { shift, scale } = normalization === 'whisper' ? { shift: 4, scale: 1 / 4 } : standardization(logMel, floor);
  for (let i = 0; i < logMel.length; i++) logMel[i] = (Math.max(logMel[i], floor) + shift) * scale;
}

function standardization(logMel: Float32Array, floor: number): { shift: number; scale: number } {
  let sum = 0;
  for (const value of logMel) sum += Math.max(value, floor);
  const mean = sum / logMel.length;
  let squares = 0;
  for (const value of logMel) squares += (Math.max(value, floor) - mean) ** 2;
  const deviation = Math.sqrt(squares / logMel.length);
  return { shift: -mean, scale: 1 / Math.max(deviation, 1e-3) }; // digital silence has no deviation
}
