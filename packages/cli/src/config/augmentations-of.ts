import { type Augmentations, makeAugmentations, type Registry, type UncheckedModelConfig } from '@polymodal/core';
import type { ConfigFile } from './config-file';

/**
 * The augmentations of a config whose model has been checked, of those that are installed.
 *
 * @throws ConfigError, UnknownNameError with the line in the config
 */
export function augmentationsOf(config: ConfigFile, registry: Registry): Augmentations {
  const { model, training } = config.project;
  if (!training.augment) return {};
  const { encoders } = model as Pick<UncheckedModelConfig, 'encoders'>;
  const make = () => makeAugmentations(registry, encoders, training.augment, 'augment');
  return config.within('training.augment', make, 'augment');
}
