import type { Sample } from '@polymodal/core';
import { type DigitSample, modalities, type SampleList } from './data';

/** A list of digits as a data set for training and evaluation, with some of the modalities. */
export function toDataset(
  list: SampleList,
  kept: readonly string[] = modalities,
): { length: number; get(index: number): Sample } {
  return { length: list.length, get: (index) => toSample(list.get(index), kept) };
}

/** Every digit of a list, in order. */
export function allDigits<T extends DigitSample>(list: SampleList<T>): T[] {
  return Array.from({ length: list.length }, (_, index) => list.get(index));
}

/** A digit as a sample, with some of its modalities: where it comes from stays behind. */
export function toSample(digit: DigitSample, kept: readonly string[] = modalities): Sample {
  const values = modalities
    .filter((modality) => kept.includes(modality))
    .map((modality) => [modality, digit[modality]]);
  return { ...Object.fromEntries(values), targets: digit.targets };
}
