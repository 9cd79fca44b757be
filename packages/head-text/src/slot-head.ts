import { type Fused, type FusedPart, Head, type Requirements } from '@polymodal/core';
import type { z } from 'zod';
import { type SlotReading, type SlotTokens, slotTokens } from './slot-tokens';

/** A head that says something of the tokens of one slot: what it requires of a row, and of the fusion, follows from where it reads them. */
export abstract class SlotHead<Output, Prediction, Options extends z.ZodObject> extends Head<
  Output,
  Prediction,
  Options
> {
  readonly requires: Requirements;
  override readonly reads: readonly FusedPart[];
  override readonly readsSlots: readonly string[] | undefined;
  override readonly resamples = true;
  readonly #slot: string;
  readonly #reads: SlotReading['reads'];

  constructor(slot: string, reads: SlotReading['reads']) {
    super();
    this.requires = { all: [slot] };
    this.reads = [reads];
    this.readsSlots = reads === 'encoded' ? [slot] : undefined;
    this.#slot = slot;
    this.#reads = reads;
  }

  /** The tokens of its slot. */
  protected tokensOf(fused: Fused): SlotTokens {
    return slotTokens(fused, this.#slot, this.#reads);
  }
}
