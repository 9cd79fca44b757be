import { ConfigError } from '@polymodal/core';
import type { ConfigFile } from '../config/config-file';
import { keptConfig } from '../run/keep-project';
import type { FoundModel } from './find-model';

/** The config of the run that a model is from. @throws ConfigError for a model without */
export function requireProject({ given, config }: FoundModel): ConfigFile {
  if (config) return config;
  throw new ConfigError({
    where: given,
    expected: `the folder of a run, with its ${keptConfig}, which says what the columns of tables are`,
    received: 'a model by itself',
    hint: 'Name the folder that "polymodal train" wrote.',
  });
}
