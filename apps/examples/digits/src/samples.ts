import type { Sample } from '@polymodal/core';
import type { DigitSample, SampleList } from './data';

/** A list of digits as a data set for training and evaluation. */
export function toDataset(list: SampleList): { length: number; get(index: number): Sample } {
  return { length: list.length, get: (index) => toSample(list.get(index)) };
}

/** Every digit of a list, in order. */
export function allDigits<T extends DigitSample>(list: SampleList<T>): T[] {
  return Array.from({ length: list.length }, (_, index) => list.get(index));
}

/** A digit as a sample: where it comes from stays behind. */
export function toSample({ image, audio, text, targets }: DigitSample): Sample {
  return { image, audio, text, targets };
}
