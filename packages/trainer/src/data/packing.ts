import { ConfigError, type Model, requirePacking } from '@polymodal/core';
import { z } from 'zod';
import type { StageSettings } from '../stage-options';

/** Whether samples share rows, one behind the other: rows as long as the longest sample, or of so many tokens. */
export type Packing = boolean | { readonly tokens: number };

export const packingSchema = z.union([z.boolean(), z.strictObject({ tokens: z.int().positive() })]);

/**
 * Makes sure that samples of a stage can share rows.
 *
 * @throws ConfigError for a model that would not keep them apart, and options that say which samples share a batch
 */
export function checkPacking(model: Model, settings: StageSettings, where: string): void {
  if (settings.packing === false) return;
  requirePacking(model, `${where}.packing`);
  const { batchSize, together, balance, weights, modalityDropout, frozenTowers, activate } = settings;
  const isDropped = Object.values(typeof modalityDropout === 'number' ? [modalityDropout] : modalityDropout).some(
    Boolean,
  );
  const others = {
    'a budget as batchSize': typeof batchSize !== 'number',
    together: together !== false,
    balance: balance !== false,
    weights: weights !== false,
    modalityDropout: isDropped,
    activate: activate !== false,
    frozenTowers: frozenTowers !== false,
  };
  const asked = Object.entries(others).find(([, isAsked]) => isAsked);
  if (!asked) return;
  throw new ConfigError({
    where: `${where}.packing`,
    expected:
      'packing by itself: rows are filled with whichever samples fit, each once an epoch, and batchSize counts rows',
    received: `${asked[0]} beside it`,
    hint: 'Leave out one of the two.',
  });
}
