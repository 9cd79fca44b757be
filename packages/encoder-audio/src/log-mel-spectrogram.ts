import { type MelFilter, type MelFilterBankConfig, melFilterBank } from './mel-filter-bank';
import { createPowerSpectrum, type PowerSpectrum } from './power-spectrum';

/** How recordings become log-mel frames. Lengths are in samples. */
export interface LogMelConfig extends MelFilterBankConfig {
  /** Of the Hann window; at most `fftSize`. */
  readonly windowLength: number;
  readonly hopLength: number;
}

/**
 * log10 of the mel power of overlapping frames, as Whisper computes it (HF `WhisperFeatureExtractor`): periodic Hann
 * window, frame t centred on sample t · hopLength, the recording mirrored at both ends, powers below 1e-10 raised to it.
 */
export class LogMelSpectrogram {
  readonly #spectrum: PowerSpectrum;
  readonly #filters: readonly MelFilter[];
  readonly #window: Float64Array;

  constructor(
    readonly config: LogMelConfig,
    where = '',
  ) {
    const { windowLength } = config;
    this.#filters = melFilterBank(config, where);
    this.#spectrum = createPowerSpectrum(config.fftSize);
    this.#window = Float64Array.from(
      { length: windowLength },
      (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / windowLength),
    );
  }

  /** One frame for each whole hop, but at least one. */
  numFrames(numSamples: number): number {
    return Math.max(1, Math.floor(numSamples / this.config.hopLength));
  }

  /** @returns (numFrames, numMelBins), frame by frame */
  compute(samples: Float32Array): Float32Array {
    const { fftSize, hopLength, windowLength, numMelBins } = this.config;
    const frames = this.numFrames(samples.length);
    const logMel = new Float32Array(frames * numMelBins);
    const frame = new Float64Array(fftSize);
    const power = new Float64Array((fftSize >> 1) + 1);
    for (let t = 0; t < frames; t++) {
      const start = t * hopLength - (windowLength >> 1);
      for (let n = 0; n < windowLength; n++) {
        frame[n] = samples[mirrored(start + n, samples.length)] * this.#window[n];
      }
      this.#spectrum.compute(frame, power);
      for (let band = 0; band < numMelBins; band++) {
        logMel[t * numMelBins + band] = Math.log10(Math.max(1e-10, apply(this.#filters[band], power)));
      }
    }
    return logMel;
  }
}

function apply({ start, weights }: MelFilter, power: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += weights[i] * power[start + i];
  return sum;
}

/** The index that a signal mirrored at its first and last sample has at `index`, as often as need be. */
function mirrored(index: number, length: number): number {
  if (index >= 0 && index < length) return index;
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const position = ((index % period) + period) % period;
  return position < length ? position : period - position;
}
