/** Names of the splits, in the order in which they are made. */
export const splits = ['train', 'validation', 'test'] as const;

/** One of the {@link splits}. */
export type Split = (typeof splits)[number];
