import type { DigitSample, SampleList } from '../digit-sample';

/** Samples each of whose modalities shows the digit. */
export function plainDigits(digits: readonly number[]): SampleList {
  return {
    length: digits.length,
    get: (index): DigitSample => ({
      image: { data: new Uint8Array(784).fill(digits[index]), width: 28, height: 28, channels: 1 },
      audio: { samples: new Float32Array(10).fill(digits[index]), sampleRate: 8000 },
      text: String(digits[index]),
      targets: { digit: digits[index] },
      source: { picture: `train-${index}`, voice: '', language: 'en', typingSeed: index },
    }),
  };
}

/** What each modality of one of them shows. */
export function shownBy({ image, audio, text }: DigitSample) {
  return { image: image.data[0], audio: audio.samples[0], text: Number(text) };
}
