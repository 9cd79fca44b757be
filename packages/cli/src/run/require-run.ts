import { ConfigError } from '@polymodal/core';
import { runStatus } from '@polymodal/trainer';
import type { ConfigFile } from '../config/config-file';
import { runFolder } from '../data/open-parts';

/** @throws ConfigError for a config whose folder has no run that was begun */
export function requireRun(config: ConfigFile): void {
  const directory = runFolder(config);
  if (runStatus(directory) !== 'none') return;
  config.within('directory', () => {
    throw new ConfigError({
      expected: 'the folder of a run that was begun',
      received: `${directory}, where there is none`,
      hint: `Begin one: polymodal train ${config.path}`,
    });
  });
}
