import { ConfigError } from '@polymodal/core';

/** How pitch relates to frequency: Slaney's Auditory Toolbox (linear up to 1 kHz; librosa, Whisper) or HTK's formula. */
export type MelScale = 'slaney' | 'htk';

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
}

/** One triangular filter: its weights for the bins from `start` on. */
export interface MelFilter {
  readonly start: number;
  readonly weights: Float64Array;
}

/**
 * Triangular filters, evenly spaced in mel, as `transformers.audio_utils.mel_filter_bank` makes them.
 *
 * @throws ConfigError if the bands are so narrow that one contains no bin of the spectrum
 */
export function melFilterBank(config: MelFilterBankConfig, where = ''): MelFilter[] {
  const { numMelBins, melScale, sampleRate, fftSize } = config;
  const [low, high] = [hertzToMel(config.fMin, melScale), hertzToMel(config.fMax, melScale)];
  const edges = Float64Array.from({ length: numMelBins + 2 }, (_, i) =>
    melToHertz(low + ((high - low) * i) / (numMelBins + 1), melScale),
  );
  return Array.from({ length: numMelBins }, (_, band) => {
    const [left, centre, right] = edges.subarray(band, band + 3);
    const start = Math.max(0, Math.ceil((left * fftSize) / sampleRate));
    const end = Math.min(fftSize >> 1, Math.floor((right * fftSize) / sampleRate));
    const height = config.melNorm === 'slaney' ? 2 / (right - left) : 1;
    const weights = Float64Array.from({ length: Math.max(0, end - start + 1) }, (_, i) => {
      const frequency = ((start + i) * sampleRate) / fftSize;
      const rise = (frequency - left) / (centre - left);
      const fall = (right - frequency) / (right - centre);
      return height * Math.max(0, Math.min(rise, fall));
    });
    if (!weights.some((weight) => weight > 0)) throw emptyBand(config, left, right, where);
    return { start, weights };
  });
}

const linearSlope = 200 / 3; // Hz per mel below 1 kHz
const logStep = 27 / Math.log(6.4); // mel per e-fold above

/** @param hertz frequency in Hz */
export function hertzToMel(hertz: number, scale: MelScale): number {
  if (scale === 'htk') return 2595 * Math.log10(1 + hertz / 700);
  return hertz < 1000 ? hertz / linearSlope : 15 + Math.log(hertz / 1000) * logStep;
}

/** Inverse of {@link hertzToMel}. */
export function melToHertz(mel: number, scale: MelScale): number {
  if (scale === 'htk') return 700 * (10 ** (mel / 2595) - 1);
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
