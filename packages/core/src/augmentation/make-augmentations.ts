import { z } from 'zod';
import { UnknownNameError } from '../errors';
import { suggestNames } from '../nearest-names';
import { parseConfig } from '../parse-config';
import type { Registry } from '../registry';
import type { Augmentation, Augmentations } from './augmentation';
import { makeAugmentation } from './define-augmentation';

/** Augmentations as a config has them: by slot, each the name of one and its options. */
export const augmentationLists = z.record(z.string(), z.array(z.looseObject({ use: z.string() })));

/**
 * The augmentations that a config names.
 *
 * ```ts
 * const augment = makeAugmentations(registry, model.config.encoders, { photo: [{ use: 'flip' }, { use: 'erase', probability: 0.3 }] });
 * ```
 *
 * @param encoders those of the model's config: which modality a slot takes
 * @param where    how error messages call the lists
 * @throws UnknownNameError for a slot that the model does not have, and an augmentation that there is not of its modality
 * @throws ConfigError for options that are none of an augmentation
 */
export function makeAugmentations(
  registry: Registry,
  encoders: Readonly<Record<string, { readonly use: string }>>,
  lists: unknown,
  where = 'augment',
): Augmentations {
  const made: Record<string, readonly Augmentation[]> = {};
  for (const [slot, list] of Object.entries(parseConfig(augmentationLists, lists, where))) {
    if (!Object.hasOwn(encoders, slot)) throw unknownSlot(slot, Object.keys(encoders), where);
    const { modality } = registry.encoder(encoders[slot].use);
    made[slot] = list.map(({ use, ...options }, index) => {
      const place = `${where}.${slot}.${index}`;
      const { definition } = registry.augmentation(modality, use, `${place}.use`);
      return makeAugmentation(definition, options, place);
    });
  }
  return made;
}

function unknownSlot(slot: string, slots: readonly string[], where: string): UnknownNameError {
  return new UnknownNameError({
    where: `${where}.${slot}`,
    expected: 'the name of a slot of the model',
    received: `"${slot}"`,
    hint: suggestNames(slot, slots),
  });
}
