import type { Features } from '../features';
import type { PreparedSample, Processors } from '../prepared-sample';
import type { RandomKey } from '../random-key';
import { packValues, unpackValues } from '../several/packed-values';
import { SeveralProcessor } from '../several/several-processor';
import { type Augmentations, changesFeatures, drawnKey, type FeatureAugmentation } from './augmentation';

/**
 * A prepared sample as those augmentations leave it that act on features. What it was made from may be kept and used again.
 *
 * @param processors those of the model
 */
export function augmentedFeatures(
  processors: Processors,
  sample: PreparedSample,
  augment: Augmentations,
  key: RandomKey,
): PreparedSample {
  const changed = Object.entries(sample.features).map(([slot, features]) => {
    const own = (augment[slot] ?? []).filter(changesFeatures);
    if (own.length === 0) return [slot, features] as const;
    const keyOf = key.fold(slot);
    const after =
      processors[slot] instanceof SeveralProcessor
        ? packValues(unpackValues(features).map((value, index) => changedBy(own, value, keyOf.fold(index))))
        : changedBy(own, features, keyOf);
    return [slot, after] as const;
  });
  return { ...sample, features: Object.fromEntries(changed) };
}

function changedBy(augmentations: readonly FeatureAugmentation[], features: Features, key: RandomKey): Features {
  return augmentations.reduce((own, augmentation, place) => {
    const drawn = drawnKey(augmentation, key.fold(place));
    return drawn ? augmentation.changeFeatures(own, drawn) : own;
  }, features);
}
