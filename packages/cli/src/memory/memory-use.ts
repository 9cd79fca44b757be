/** What memory is asked about: answering, or learning with the options of the run. */
export const memoryUses = ['predicting', 'training'] as const;

/** One of {@link memoryUses}. */
export type MemoryUse = (typeof memoryUses)[number];
