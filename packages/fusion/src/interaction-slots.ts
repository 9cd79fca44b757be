import { type Encoders, mapRecord, type NamedTensor, type SlotChange } from '@polymodal/core';
import type { ModalityWeights } from '@polymodal/nn';
import type { InteractionsConfig } from './modality-interactions';
import { slotColumns } from './slot-columns';

type GivenInteractions = Pick<InteractionsConfig, 'interactions' | 'scheduleInteractions'>;

/** The options of interactions without a slot. */
export function interactionsWithout(
  { interactions, scheduleInteractions: schedule }: GivenInteractions,
  slot: string,
): GivenInteractions {
  return {
    interactions: weightsWithout(interactions, slot),
    ...(schedule && { scheduleInteractions: { ...schedule, to: weightsWithout(schedule.to, slot) } }),
  };
}

function weightsWithout(weights: ModalityWeights, slot: string): ModalityWeights {
  return mapRecord(without(weights, slot), (row) => without(row, slot));
}

/** A record without what it says of one slot. */
export function without<T>(bySlot: Readonly<Record<string, T>>, slot: string): Record<string, T> {
  return Object.fromEntries(Object.entries(bySlot).filter(([other]) => other !== slot));
}

/**
 * The learned interactions of the slots that stay: a matrix (S, S) with a row and a column less.
 *
 * @param path of a parameter, which need not be that matrix
 * @param interacting those of the encoders that have a row and a column
 */
export function carriedInteractions(
  path: string,
  former: ReadonlyMap<string, NamedTensor>,
  { before, after, kind }: SlotChange,
  interacting: (encoders: Encoders) => Encoders,
): Float32Array | undefined {
  if (path !== 'interactions.logits') return undefined;
  const [was, is] = [interacting(before), interacting(after)].map((encoders) => mapRecord(encoders, () => 1));
  if (kind !== 'removed' || Object.keys(was).length === Object.keys(is).length) return undefined;
  const columns = slotColumns(former.get(path)!, was, is); // (S, S − 1)
  const kept = Object.keys(was).flatMap((slot, row) => (slot in is ? [row] : []));
  const width = Object.keys(is).length;
  return Float32Array.from(kept.flatMap((row) => [...columns.subarray(row * width, (row + 1) * width)]));
}
