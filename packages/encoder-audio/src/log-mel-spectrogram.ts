import { MelBands } from './mel-bands';
import type { MelFilterBankConfig } from './mel-filter-bank';

/** How recordings become log-mel frames. Lengths are in samples. */
export interface LogMelConfig extends MelFilterBankConfig {
  /** Of the Hann window; at most `fftSize`. */
  readonly windowLength: number;
  readonly hopLength: number;
  /** Whether a frame is centred on the end of the last whole hop too. Whisper leaves it out (default), CLAP has it. */
  readonly endFrame?: boolean;
}

const lowestPower = 1e-10;

/**
 * log10 of the mel power of overlapping frames, as Whisper computes it (HF `WhisperFeatureExtractor`): periodic Hann
 * window, frame t centred on sample t · hopLength, the recording mirrored at both ends, powers below 1e-10 raised to it.
 */
export class LogMelSpectrogram {
  readonly #bands: MelBands;
  readonly #window: Float64Array;

  constructor(
    readonly config: LogMelConfig,
    where = '',
  ) {
    const { windowLength } = config;
    this.#bands = new MelBands(config, where);
    this.#window = Float64Array.from(
      { length: windowLength },
      (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / windowLength),
    );
  }

  /** One frame for each whole hop, but at least one; with `endFrame` one more. */
  numFrames(numSamples: number): number {
    const hops = Math.floor(numSamples / this.config.hopLength);
    return this.config.endFrame ? hops + 1 : Math.max(1, hops);
  }

  /**
   * @param first of the frames that are computed
   * @param end   the one behind the last of them
   * @returns (end − first, numMelBins), frame by frame
   */
  compute(samples: Float32Array, first = 0, end = this.numFrames(samples.length)): Float32Array {
    const { hopLength, windowLength, numMelBins } = this.config;
    const logMel = new Float32Array((end - first) * numMelBins).fill(Math.log10(lowestPower));
    for (let t = first; t < end; t++) {
      if (!this.#cutOut(samples, t * hopLength - (windowLength >> 1))) continue; // silence
      const power = this.#bands.compute();
      for (let band = 0; band < numMelBins; band++) {
        logMel[(t - first) * numMelBins + band] = Math.log10(Math.max(lowestPower, power[band]));
      }
    }
    return logMel;
  }

  /** Windows the frame that starts at a sample, and says whether there is sound in it. */
  #cutOut(samples: Float32Array, start: number): boolean {
    const { frame } = this.#bands;
    const window = this.#window;
    const inside = start >= 0 && start + window.length <= samples.length;
    let silent = true;
    for (let n = 0; n < window.length; n++) {
      const value = samples[inside ? start + n : mirrored(start + n, samples.length)];
      if (value !== 0) silent = false;
      frame[n] = value * window[n];
    }
    return !silent;
  }
}

/** The index that a signal mirrored at its first and last sample has at `index`, as often as need be. */
function mirrored(index: number, length: number): number {
  if (index >= 0 && index < length) return index;
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const position = ((index % period) + period) % period;
  return position < length ? position : period - position;
}
