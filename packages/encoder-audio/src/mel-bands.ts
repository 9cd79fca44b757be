import { type MelFilter, type MelFilterBankConfig, melFilterBank } from './mel-filter-bank';
import { createPowerSpectrum, type PowerSpectrum } from './power-spectrum';

/** The power of a frame in mel bands. Buffers are reused between frames. */
export class MelBands {
  /** The frame, `fftSize` samples: write it, windowed, before {@link compute}. */
  readonly frame: Float64Array;
  readonly #spectrum: PowerSpectrum;
  readonly #filters: readonly MelFilter[];
  readonly #power: Float64Array;
  readonly #bands: Float64Array;

  /** @throws ConfigError as {@link melFilterBank} does */
  constructor(config: MelFilterBankConfig, where = '') {
    this.#filters = melFilterBank(config, where);
    this.#spectrum = createPowerSpectrum(config.fftSize);
    this.frame = new Float64Array(config.fftSize);
    this.#power = new Float64Array((config.fftSize >> 1) + 1);
    this.#bands = new Float64Array(config.numMelBins);
  }

  /** @returns (numMelBins), valid until the next call */
  compute(): Float64Array {
    this.#spectrum.compute(this.frame, this.#power);
    for (let band = 0; band < this.#bands.length; band++) {
      const { start, weights } = this.#filters[band];
      let sum = 0;
      for (let i = 0; i < weights.length; i++) sum += weights[i] * this.#power[start + i];
      this.#bands[band] = sum;
    }
    return this.#bands;
  }
}
