import { dirname } from 'node:path';
import type { Registry } from '@polymodal/core';
import type { Surroundings } from '../surroundings';
import type { ConfigFile } from './config-file';
import { loadPlugins } from './load-plugins';

/**
 * The parts that a config can use: those that are installed where the command runs, and those that it names. Of a model without a run, the
 * former alone.
 *
 * @throws ConfigError for a plugin that cannot be loaded, with the line of the config
 */
export function registryOf(config: ConfigFile | undefined, surroundings: Surroundings): Promise<Registry> {
  const { directory } = surroundings;
  if (!config) return loadPlugins(surroundings, directory);
  const named = { names: config.project.plugins, from: dirname(config.path) };
  return config.within('', () => loadPlugins(surroundings, directory, named));
}
