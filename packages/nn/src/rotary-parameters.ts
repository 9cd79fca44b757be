import { z } from 'zod';

const positive = z.number().positive();
const factors = z.array(positive);

/** An option that may be null, as Python writes it, which is as if it were left out. */
const maybe = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().transform((value) => value ?? undefined);

const ropeTheta = positive;

/** The kinds of `rope_parameters` in a Hugging Face config (transformers 5), in camelCase: how angles grow with positions. */
export const rotaryParameters = z.discriminatedUnion('ropeType', [
  z.strictObject({ ropeType: z.literal('default'), ropeTheta }),
  z.strictObject({ ropeType: z.literal('linear'), ropeTheta, factor: positive }),
  z.strictObject({ ropeType: z.literal('dynamic'), ropeTheta, factor: positive }),
  z.strictObject({
    ropeType: z.literal('yarn'),
    ropeTheta,
    factor: maybe(positive),
    originalMaxPositionEmbeddings: maybe(positive),
    attentionFactor: maybe(positive),
    betaFast: maybe(positive),
    betaSlow: maybe(positive),
    mscale: maybe(z.number()),
    mscaleAllDim: maybe(z.number()),
    truncate: maybe(z.boolean()),
  }),
  z.strictObject({
    ropeType: z.literal('longrope'),
    ropeTheta,
    factor: maybe(positive),
    originalMaxPositionEmbeddings: maybe(positive),
    attentionFactor: maybe(positive),
    shortFactor: factors,
    longFactor: factors,
  }),
  z.strictObject({
    ropeType: z.literal('llama3'),
    ropeTheta,
    factor: positive,
    originalMaxPositionEmbeddings: maybe(positive),
    lowFreqFactor: positive,
    highFreqFactor: positive,
  }),
]);

/** {@link rotaryParameters} once parsed. */
export type RotaryParameters = z.output<typeof rotaryParameters>;
