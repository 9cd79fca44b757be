import type { NamedTensor, SlotChange } from '@polymodal/core';
import { beside } from './added-modalities';
import { carriedInteractions, interactionsWithout } from './interaction-slots';
import type { InteractionsConfig } from './modality-interactions';
import type { Missing } from './modality-tokens';
import { requireNoStandIn } from './stand-ins';

interface JointSlotOptions extends Pick<InteractionsConfig, 'interactions' | 'scheduleInteractions'> {
  readonly gate: readonly string[];
  readonly missing: Missing;
}

/** How fusions by a joint Transformer go on with other slots: what comes, does so through gates. */
export const jointSlots = {
  admit: ({ gate }: JointSlotOptions, slot: string) => ({ gate: [...gate, slot] }),

  release({ gate, missing, ...weights }: JointSlotOptions, slot: string) {
    if (!gate.includes(slot)) requireNoStandIn(missing, slot);
    return {
      gate: gate.filter((other) => other !== slot),
      ...interactionsWithout(weights, slot),
    };
  },

  carry(
    path: string,
    _shape: readonly number[],
    former: ReadonlyMap<string, NamedTensor>,
    change: SlotChange<JointSlotOptions>,
  ): Float32Array | undefined {
    return carriedInteractions(path, former, change, (encoders) => beside(change.options.gate, encoders));
  },
};
