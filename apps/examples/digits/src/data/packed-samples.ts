import { ConfigError } from '@polymodal/core';
import { sampleRate } from '@polymodal/example-material';
import type { DigitSample, DigitSource, SampleList } from './digit-sample';
import { pictureSize } from './mnist-pictures';

/** What a sample holds beside picture and sound. */
export interface SampleEntry {
  readonly digit: number;
  readonly text: string;
  readonly source: DigitSource;
}

/** Samples in as little memory as on disk: 8-bit pictures and 16-bit sound, one after the other. */
export class PackedSamples implements SampleList {
  /**
   * @param images (N, 28, 28) grey values
   * @param waves  (N, T) 16-bit samples
   */
  constructor(
    readonly entries: readonly SampleEntry[],
    readonly images: Uint8Array,
    readonly waves: Int16Array,
  ) {}

  /** Room for samples that {@link set} will fill. */
  static allocate(length: number, windowLength: number): PackedSamples {
    const area = pictureSize * pictureSize;
    return new PackedSamples(
      new Array<SampleEntry>(length),
      new Uint8Array(length * area),
      new Int16Array(length * windowLength),
    );
  }

  get length(): number {
    return this.entries.length;
  }

  set(index: number, entry: SampleEntry, image: Uint8Array, wave: Float32Array): void {
    (this.entries as SampleEntry[])[index] = entry;
    this.images.set(image, index * image.length);
    for (let i = 0, at = index * wave.length; i < wave.length; i++) this.waves[at + i] = Math.round(32767 * wave[i]);
  }

  /** @throws ConfigError for an index outside 0 … length − 1 */
  get(index: number): DigitSample {
    const entry = this.entries[index];
    if (!entry) {
      throw new ConfigError({ where: 'index', expected: `0 to ${this.length - 1}`, received: String(index) });
    }
    const area = pictureSize * pictureSize;
    const duration = this.waves.length / this.length;
    const wave = this.waves.subarray(index * duration, (index + 1) * duration);
    return {
      image: {
        data: this.images.slice(index * area, (index + 1) * area),
        width: pictureSize,
        height: pictureSize,
        channels: 1,
      },
      audio: { samples: new Float32Array(wave).map((value) => value / 32767), sampleRate },
      text: entry.text,
      targets: { digit: entry.digit },
      source: entry.source,
    };
  }
}
