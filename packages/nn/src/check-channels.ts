import { ConfigError } from '@polymodal/core';
import { checkSize } from './check-size';

/** Checks that the groups share the channels evenly. @throws ConfigError */
export function checkChannels(inChannels: number, outChannels: number, groups: number): void {
  checkSize('inChannels', inChannels);
  checkSize('outChannels', outChannels);
  checkSize('groups', groups);
  if (inChannels % groups === 0 && outChannels % groups === 0) return;
  throw new ConfigError({
    where: 'groups',
    expected: `a divisor of inChannels ${inChannels} and outChannels ${outChannels}`,
    received: String(groups),
  });
}
