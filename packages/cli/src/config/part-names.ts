/** The parts that data may have. */
export const partNames = ['train', 'validation', 'test'] as const;

/** One of {@link partNames}. */
export type PartName = (typeof partNames)[number];
