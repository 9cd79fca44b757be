import { ConfigError } from '@polymodal/core';

/**
 * How pitch relates to frequency: Slaney's Auditory Toolbox (linear up to 1 kHz; librosa, Whisper), HTK's formula, or Kaldi's,
 * which is HTK's with rounder constants and has its triangles straight in mel rather than in Hz.
 */
export type MelScale = 'slaney' | 'htk' | 'kaldi';

/** What a {@link melFilterBank} covers. */
export interface MelFilterBankConfig {
  readonly sampleRate: number;
  readonly fftSize: number;
  readonly numMelBins: number;
  /** Hz */
  readonly fMin: number;
  /** Hz, at most half of the sample rate. */
  readonly fMax: number;
  readonly melScale: MelScale;
  /** `slaney` gives every filter the same area, `none` the same height 1. */
  readonly melNorm: 'slaney' | 'none';
  /** What becomes of a band so narrow that no bin of the spectrum lies in it: an error (default), or silence, as in Python. */
  readonly emptyBands?: 'refuse' | 'silence';
}

/** One triangular filter: its weights for the bins from `start` on. */
export interface MelFilter {
  readonly start: number;
  readonly weights: Float64Array;
}

/**
 * Triangular filters, evenly spaced in mel, as `transformers.audio_utils.mel_filter_bank` makes them.
 *
 * @throws ConfigError if a band contains no bin of the spectrum, unless such `emptyBands` are wanted
 */
export function melFilterBank(config: MelFilterBankConfig, where = ''): MelFilter[] {
  const { numMelBins, melScale, sampleRate, fftSize } = config;
  const [low, high] = [hertzToMel(config.fMin, melScale), hertzToMel(config.fMax, melScale)];
  const edges = Float64Array.from({ length: numMelBins + 2 }, (_, i) => low + ((high - low) * i) / (numMelBins + 1));
  const straight = melScale === 'kaldi' ? (hertz: number) => hertzToMel(hertz, melScale) : (hertz: number) => hertz;
  return Array.from({ length: numMelBins }, (_, band) => {
    const corners = Array.from(edges.subarray(band, band + 3), (mel) => melToHertz(mel, melScale)); // in Hz
    const [left, centre, right] = corners.map(straight);
    const start = Math.max(0, Math.ceil((corners[0] * fftSize) / sampleRate));
    const end = Math.min(fftSize >> 1, Math.floor((corners[2] * fftSize) / sampleRate));
    const height = config.melNorm === 'slaney' ? 2 / (right - left) : 1;
    const weights = Float64Array.from({ length: Math.max(0, end - start + 1) }, (_, i) => {
      const position = straight(((start + i) * sampleRate) / fftSize);
      const rise = (position - left) / (centre - left);
      const fall = (right - position) / (right - centre);
      return height * Math.max(0, Math.min(rise, fall));
    });
    if (config.emptyBands !== 'silence' && !weights.some((weight) => weight > 0)) {
      throw emptyBand(config, corners[0], corners[2], where);
    }
    return { start, weights };
  });
}

const linearSlope = 200 / 3; // Hz per mel below 1 kHz
const logStep = 27 / Math.log(6.4); // mel per e-fold above

/** @param hertz frequency in Hz */
export function hertzToMel(hertz: number, scale: MelScale): number {
  if (scale === 'htk') return 2595 * Math.log10(1 + hertz / 700);
  if (scale === 'kaldi') return 1127 * Math.log(1 + hertz / 700);
  return hertz < 1000 ? hertz / linearSlope : 15 + Math.log(hertz / 1000) * logStep;
}

/** Inverse of {@link hertzToMel}. */
export function melToHertz(mel: number, scale: MelScale): number {
  if (scale === 'htk') return 700 * (10 ** (mel / 2595) - 1);
  if (scale === 'kaldi') return 700 * (Math.exp(mel / 1127) - 1);
  return mel < 15 ? mel * linearSlope : 1000 * Math.exp((mel - 15) / logStep);
}

function emptyBand(config: MelFilterBankConfig, left: number, right: number, where: string): ConfigError {
  return new ConfigError({
    where: where ? `${where}.numMelBins` : 'numMelBins',
    expected: `bands that each hold a bin of the spectrum (a bin every ${(config.sampleRate / config.fftSize).toFixed(1)} Hz)`,
    received: `${config.numMelBins} bands, one of them from ${left.toFixed(1)} to ${right.toFixed(1)} Hz`,
    hint: 'Take fewer bands or a larger fftSize.',
  });
}
