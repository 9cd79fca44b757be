import { z } from 'zod';

/** The options of periodic embeddings, to spread into the schema of an encoder. */
export const periodicOptions = {
  /** Width of the vector that each number and category becomes. */
  embeddingSize: z.int().positive().default(24),
  /** Frequencies of each number. */
  numFrequencies: z.int().positive().default(48),
  /** Standard deviation of the frequencies at first: the higher, the finer what is told apart. */
  frequencyScale: z.number().positive().default(0.01),
};
