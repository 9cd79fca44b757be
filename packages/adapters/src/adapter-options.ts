import { z } from 'zod';

/** What every kind of adapters may be told. */
export const adapterOptions = {
  /**
   * Which maps: paths such as `encoders.text.**.query`, in which `*` stands for a name and `**` for any number of them. A name
   * alone, such as `query`, means all maps of that name.
   */
  targets: z.array(z.string().min(1)).min(1).readonly(),
  /** Which of them are left as they are. Default none. */
  exclude: z.array(z.string().min(1)).readonly().default([]),
  /** By which it is chosen among others (`model.useAdapters`); needed where maps have several. */
  name: z
    .string()
    .regex(/^[A-Za-z_][\w-]*$/, 'letters, digits, _ and -, a letter first')
    .optional(),
  /** Whether the other parameters of an encoder, a fusion or a head of which a map is adapted stay as they are. */
  freeze: z.boolean().default(true),
  /**
   * How weights of linear maps and convolutions are held in these encoders, fusions and heads: `int8` rounds them to 8 bits, with a scale for
   * each output, a quarter of the memory. Adapters, biases, norms and embeddings stay float32 (as in QLoRA, Dettmers et al. 2023, whose weights have 4 bits).
   */
  frozenWeights: z.enum(['float32', 'int8']).default('float32'),
};

/** Those of {@link adapterOptions}, parsed. */
export type AdapterOptions = z.output<z.ZodObject<typeof adapterOptions>>;
