import type { SlotChange } from '@polymodal/core';
import { beside } from './added-modalities';
import { requireSameSteps } from './run-encoders';
import { type VectorSlotOptions, vectorSlots } from './vector-slots';

/** How fusions that work between the layers of encoders go on with other slots: after the same layers, or not at all. */
export const betweenLayersSlots = {
  ...vectorSlots,
  check({ options, ...change }: SlotChange<VectorSlotOptions>): void {
    requireSameSteps(change, (encoders) => beside(options.added, encoders));
  },
};
