/** The options of fusions that go on so. */
export interface VectorSlotOptions {
  readonly added: readonly string[];
}

/** How fusions that end in a vector go on with other slots: what comes is added to that vector, as 0 at first. */
export const vectorSlots = {
  admit: ({ added }: VectorSlotOptions, slot: string) => ({ added: [...added, slot] }),
  release: ({ added }: VectorSlotOptions, slot: string) => ({ added: added.filter((other) => other !== slot) }),
};
