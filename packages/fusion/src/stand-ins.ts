import { ConfigError } from '@polymodal/core';
import type { Missing } from './modality-tokens';

/**
 * Makes sure that nothing stood for a modality where it was absent, which would be gone with it.
 *
 * @throws ConfigError where a learned embedding did
 */
export function requireNoStandIn(missing: Missing, slot: string): void {
  if (missing === 'mask') return;
  throw new ConfigError({
    where: 'fusion.missing',
    expected: '"mask", with which an absent modality leaves nothing',
    received: `"${missing}": what stands for an absent ${slot} has a part in every answer without it`,
    hint: 'Keep the slot. Its encoder is not run for samples that lack it.',
  });
}
