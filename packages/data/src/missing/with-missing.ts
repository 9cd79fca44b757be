import { ConfigError, type Sample } from '@polymodal/core';
import type { SampleBlocks } from '../table/row-blocks';
import type { MissingTable } from './missing-table';

/** Samples by index: an array, a manifest or whatever `train` takes. */
type SampleSource =
  | readonly Sample[]
  | {
      readonly length: number;
      readonly blocks?: SampleBlocks | undefined;
      get(index: number): Sample | Promise<Sample>;
    };

/** Samples that are read on demand. */
interface ReadSamples {
  readonly length: number;
  readonly blocks: SampleBlocks | undefined;
  get(index: number): Promise<Sample>;
}

/**
 * Samples of which each lacks what a table says. One that lacks it anyway stays as it is.
 *
 * @throws ConfigError for a table of another number of samples
 */
export function withMissing(samples: SampleSource, { slots, missing }: MissingTable): ReadSamples {
  if (samples.length !== missing.length) {
    throw new ConfigError({
      where: 'withMissing',
      expected: `${missing.length} samples, as the table has`,
      received: String(samples.length),
      hint: 'A table is drawn for one set, in its order.',
    });
  }
  const read = (index: number) => ('get' in samples ? samples.get(index) : samples[index]);
  return {
    length: samples.length,
    blocks: 'get' in samples ? samples.blocks : undefined,
    async get(index) {
      const sample = await read(index);
      const slot = slots[missing[index]]; // none at −1
      return slot === undefined ? sample : { ...sample, [slot]: undefined };
    },
  };
}
