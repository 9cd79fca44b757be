/**
 * How the log-mel values of one recording are scaled:
 *
 * - `recording`: what lies more than 80 dB below the loudest value is raised to that, then mean 0 and variance 1, so
 *   that neither gain nor a silent band matters;
 * - `bands`: the same floor, then mean 0 and variance 1 in each band by itself (cepstral mean and variance normalisation, Viikki and Laurila
 *   1998, of the spectrum), so that what colours a recording throughout does not matter either: a microphone, a telephone, much of a voice;
 * - `whisper`: the same floor, then (x + 4) / 4, as Whisper was trained with;
 * - `none`: log10 of the power as it is.
 */
export type LogMelNormalization = 'recording' | 'bands' | 'whisper' | 'none';

const dynamicRange = 8; // in log10 of power: 80 dB

/**
 * Scales the values in place.
 *
 * @param logMel (frames, numMelBins), frame by frame
 */
export function normalizeLogMel(logMel: Float32Array, normalization: LogMelNormalization, numMelBins: number): void {
  if (normalization === 'none') return;
  let loudest = -Infinity;
  for (const value of logMel) loudest = Math.max(loudest, value);
  const floor = loudest - dynamicRange;
  const bands = normalization === 'bands' ? numMelBins : 1;
  for (let band = 0; band < bands; band++) {
    const { shift, scale } = normalization === 'whisper' ? likeWhisper : standardization(logMel, floor, band, bands);
    for (let i = band; i < logMel.length; i += bands) logMel[i] = (Math.max(logMel[i], floor) + shift) * scale;
  }
}

const likeWhisper = { shift: 4, scale: 1 / 4 };

/** Of every so many-th value, from one on. */
function standardization(logMel: Float32Array, floor: number, first: number, step: number) {
  const count = logMel.length / step;
  let sum = 0;
  for (let i = first; i < logMel.length; i += step) sum += Math.max(logMel[i], floor);
  const mean = sum / count;
  let squares = 0;
  for (let i = first; i < logMel.length; i += step) squares += (Math.max(logMel[i], floor) - mean) ** 2;
  const deviation = Math.sqrt(squares / count);
  return { shift: -mean, scale: 1 / Math.max(deviation, 1e-3) }; // digital silence has no deviation
}
