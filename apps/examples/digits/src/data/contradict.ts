import { ConfigError, type RandomKey } from '@polymodal/core';
import type { DigitSample, SampleList } from './digit-sample';

/** Modalities of the example. */
export const modalities = ['image', 'audio', 'text'] as const;

type DigitModality = (typeof modalities)[number];

/** A sample one of whose modalities shows another digit than the other two and the target do. */
export interface ContradictorySample extends DigitSample {
  readonly contradiction: {
    readonly modality: DigitModality;
    /** What that modality shows. */
    readonly digit: number;
    /** Position in the original list of the sample that it was taken from. */
    readonly from: number;
  };
}

/**
 * Contradictory versions of the first `count` samples: each gets one modality, in turn image, audio and text, from a
 * random sample of another digit.
 *
 * @throws ConfigError when there are not as many samples, or only one digit
 */
export function contradict(samples: SampleList, count: number, key: RandomKey): SampleList<ContradictorySample> {
  if (!Number.isInteger(count) || count < 0 || count > samples.length) {
    throw new ConfigError({ where: 'count', expected: `0 to ${samples.length}`, received: String(count) });
  }
  const digits = Uint8Array.from({ length: samples.length }, (_, i) => samples.get(i).targets.digit);
  const donors = Int32Array.from({ length: count }, (_, i) => drawOther(digits, i, key.fold(i)));
  return {
    length: count,
    get(index) {
      const [sample, donor] = [samples.get(index), samples.get(donors[index])];
      const modality = modalities[index % modalities.length];
      return {
        ...sample,
        [modality]: donor[modality],
        contradiction: { modality, digit: donor.targets.digit, from: donors[index] },
      };
    },
  };
}

/** A position whose digit differs from the one at `position`. */
function drawOther(digits: Uint8Array, position: number, key: RandomKey): number {
  const others = [...digits.keys()].filter((i) => digits[i] !== digits[position]);
  if (others.length === 0) {
    throw new ConfigError({ where: 'samples', expected: 'at least two digits', received: `only ${digits[position]}` });
  }
  return others[key.integer(0, others.length)];
}
