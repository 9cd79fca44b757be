import { MelBands } from '../mel-bands';

const sampleRate = 16_000;
const windowLength = 400;
const hopLength = 160;
const preEmphasis = 0.97;
/** The smallest step from 1 of a 32-bit float, which Kaldi takes logarithms of at least. */
const lowestPower = 2 ** -23;

/**
 * Natural logarithm of the mel power of overlapping frames, as Kaldi's `fbank` computes it (torchaudio's
 * `compliance.kaldi.fbank` with `window_type="hanning"`; HF `ASTFeatureExtractor`), for sound of 16 kHz: of each 25 ms, every
 * 10 ms, the mean is taken away and each sample loses 0.97 of the one before. Frames end with the recording.
 */
export class KaldiFilterBank {
  /** The fewest samples that make a frame. */
  readonly minSamples = windowLength;
  readonly #bands: MelBands;
  readonly #window = Float64Array.from(
    { length: windowLength },
    (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / (windowLength - 1)),
  );

  constructor(readonly numMelBins: number) {
    this.#bands = new MelBands({
      sampleRate,
      fftSize: 512,
      numMelBins,
      fMin: 20,
      fMax: sampleRate / 2,
      melScale: 'kaldi',
      melNorm: 'none',
      emptyBands: 'silence',
    });
  }

  /** The samples that so many frames lie in. */
  samplesOf(frames: number): number {
    return windowLength + (frames - 1) * hopLength;
  }

  /** @returns (at most maxFrames, numMelBins), frame by frame */
  compute(samples: Float32Array, maxFrames: number): Float32Array {
    const { numMelBins } = this;
    const frames = Math.min(maxFrames, Math.floor((samples.length - windowLength) / hopLength) + 1);
    const logMel = new Float32Array(frames * numMelBins);
    for (let t = 0; t < frames; t++) {
      this.#cutOut(samples, t * hopLength);
      const power = this.#bands.compute();
      for (let band = 0; band < numMelBins; band++) {
        logMel[t * numMelBins + band] = Math.log(Math.max(lowestPower, power[band]));
      }
    }
    return logMel;
  }

  #cutOut(samples: Float32Array, start: number): void {
    const { frame } = this.#bands;
    let sum = 0;
    for (let n = 0; n < windowLength; n++) sum += samples[start + n];
    const mean = sum / windowLength;
    let before = samples[start] - mean; // the first sample is its own predecessor
    for (let n = 0; n < windowLength; n++) {
      const value = samples[start + n] - mean;
      frame[n] = (value - preEmphasis * before) * this.#window[n];
      before = value;
    }
  }
}
