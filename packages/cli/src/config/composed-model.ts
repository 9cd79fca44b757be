import { dirname, resolve } from 'node:path';
import { composeUnchecked, type Model, type Registry } from '@polymodal/core';
import { installed } from '../command/installed';
import type { ConfigFile } from './config-file';
import { hasSources, withSources } from './pretrained-sources';
import { withinModel } from './within-model';

/**
 * Makes the model of a config, with the weights of those encoders that have a `from`: a folder, whose path starts from that of the config, or
 * a repository of the Hugging Face Hub.
 *
 * @throws ConfigError, UnknownNameError with the line in the config; what `composePretrained` throws for weights that cannot be had
 */
export async function composedModel(config: ConfigFile, registry: Registry): Promise<Model> {
  const { model } = config.project;
  if (!hasSources(model)) return withinModel(config, () => composeUnchecked(registry, model));
  const { composePretrained } = await installed(() => import('@polymodal/hub'), 'encoders, from', '@polymodal/hub');
  const folder = dirname(config.path);
  const found = withSources(model, folder, (from) => resolve(folder, from));
  return withinModel(config, () => composePretrained(registry, found as never)); // which checks it
}
