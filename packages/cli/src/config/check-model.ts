import { checkModelConfig, type Registry } from '@polymodal/core';
import type { ConfigFile } from './config-file';
import { withinModel } from './within-model';

/**
 * Checks the model of a config, and builds nothing.
 *
 * @throws ConfigError, UnknownNameError with the line in the config; for a part that is not installed, with the package that brings it
 */
export function checkModel(config: ConfigFile, registry: Registry): void {
  withinModel(config, () => checkModelConfig(registry, config.project.model));
}
