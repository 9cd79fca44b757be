import type { RandomKey } from '@polymodal/core';
import { contradict } from './contradict';
import type { SampleList } from './digit-sample';

/**
 * The same samples, the first share of which contradict themselves: one modality shows another digit than the other two
 * and the target do. Learning from them, a model believes two against one.
 *
 * @throws ConfigError when the samples show one digit only
 */
export function partlyContradictory(samples: SampleList, share: number, key: RandomKey): SampleList {
  const contradictory = contradict(samples, Math.round(share * samples.length), key);
  return {
    length: samples.length,
    get: (index) => (index < contradictory.length ? contradictory : samples).get(index),
  };
}
