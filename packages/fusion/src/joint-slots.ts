import type { NamedTensor, SlotChange } from '@polymodal/core';
import type { ModalityWeights } from '@polymodal/nn';
import { beside } from './added-modalities';
import { carriedInteractions, interactionsWithout } from './interaction-slots';
import type { Missing } from './modality-tokens';
import { requireNoStandIn } from './stand-ins';

interface JointSlotOptions {
  readonly gate: readonly string[];
  readonly missing: Missing;
  readonly interactions: ModalityWeights;
}

/** How fusions by a joint Transformer go on with other slots: what comes, does so through gates. */
export const jointSlots = {
  admit: ({ gate }: JointSlotOptions, slot: string) => ({ gate: [...gate, slot] }),

  release({ gate, missing, interactions }: JointSlotOptions, slot: string) {
    if (!gate.includes(slot)) requireNoStandIn(missing, slot);
    return {
      gate: gate.filter((other) => other !== slot),
      interactions: interactionsWithout(interactions, slot),
    };
  },

  carry(
    path: string,
    _shape: readonly number[],
    former: ReadonlyMap<string, NamedTensor>,
    change: SlotChange<JointSlotOptions>,
  ): Float32Array | undefined {
    if (path !== 'interactions.logits') return undefined;
    return carriedInteractions(former.get(path)!, change, (encoders) => beside(change.options.gate, encoders));
  },
};
