import { checkModelConfig, type Registry, UnknownNameError } from '@polymodal/core';
import { packageOf } from '../propose/package-of';
import type { ConfigFile } from './config-file';

/**
 * Checks the model of a config, and builds nothing.
 *
 * @throws ConfigError, UnknownNameError with the line in the config; for a part that is not installed, with the package that brings it
 */
export function checkModel(config: ConfigFile, registry: Registry): void {
  config.within('model', () => {
    try {
      checkModelConfig(registry, config.project.model);
    } catch (error) {
      throw UnknownNameError.isInstance(error) ? toBeInstalled(error) : error;
    }
  });
}

/** On a command line nobody makes a registry: what is installed is in it. */
function toBeInstalled(error: UnknownNameError): UnknownNameError {
  const { where, expected, received, hint = '' } = error;
  const brings = packageOf(received.replaceAll('"', ''));
  const own =
    brings === undefined
      ? hint.replace(/it is missing from the registry: give it to createRegistry too/, 'install its package')
      : `It is a part of ${brings}: npm install ${brings}`;
  return new UnknownNameError({ ...(where !== undefined && { where }), expected, received, hint: own, cause: error });
}
