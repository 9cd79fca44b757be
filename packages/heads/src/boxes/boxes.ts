import { ConfigError, defineHead, type Encoders, type Fusion } from '@polymodal/core';
import { resolveTransformerConfig, transformerOptions } from '@polymodal/nn';
import { z } from 'zod';
import { boxTarget } from './box-target';
import { BoxesHead } from './boxes-head';

const weight = z.number().min(0);

/**
 * The head `boxes`: a {@link BoxesHead}.
 *
 * ```ts
 * const config = defineConfig(createRegistry([vision, fusion, heads]), {
 *   hiddenSize: 64,
 *   encoders: { photo: { use: 'convolutional', imageSize: 64 } },
 *   fusion: { use: 'none' },
 *   heads: { things: { use: 'boxes', labels: ['cup', 'plate'], format: 'xywh', numQueries: 10, grid: [8, 8] } },
 * });
 * ```
 */
export const boxes = defineHead({
  name: 'boxes',
  target: boxTarget,
  config: z.object({
    /** Width of the decoder; that of the tokens if left out. */
    hiddenSize: z.int().positive().optional(),
    ...transformerOptions,
    /** Where the norms of the decoder's layers stand: at the beginning of branches, or behind sums, as in DETR. */
    normPosition: z.enum(['pre', 'post']).default('pre'),
    /**
     * The slot whose encoder's own tokens the queries look at, behind a fusion that offers `encoded`. Left out, they look at the tokens that the
     * fusion made; behind one that has but one vector of a slot, or none, at those of the picture.
     */
    attendsTo: z.string().min(1).optional(),
    /**
     * Rows and columns in which the last of these tokens lie, row by row: sines of their places are then added where keys are made of them. Left
     * out, they are told apart by what the encoder added.
     */
    grid: z.tuple([z.int().positive(), z.int().positive()]).readonly().optional(),
    /**
     * What queries begin with: what each has learned (`queries`), the same with the pooled vector of the fusion, such as a question is in
     * (`pooled`), or `zeros`, as in DETR, with norms behind sums.
     */
    startsFrom: z.enum(['queries', 'pooled', 'zeros']).default('queries'),
    /** Whether every layer of the decoder learns to find the boxes. */
    auxiliaryLoss: z.boolean().default(true),
    /** How much a query counts in the cross-entropy that is to find nothing. */
    eosCoefficient: z.number().positive().max(1).default(0.1),
    /** What it costs, where queries are matched to boxes, that the label is improbable. */
    classCost: weight.default(1),
    /** That the boxes are apart. */
    bboxCost: weight.default(5),
    /** That they do not overlap. */
    giouCost: weight.default(2),
    /** Weight of the distance in the loss. */
    bboxLossCoefficient: weight.default(5),
    /** Weight of the overlap in the loss. */
    giouLossCoefficient: weight.default(2),
  }),
  create: ({ hiddenSize, grid, ...config }, { fusion, encoders, target }) => {
    const { classCost, bboxCost, giouCost } = config;
    if (classCost + bboxCost + giouCost === 0) {
      throw new ConfigError({ where: 'classCost, bboxCost, giouCost', expected: 'one above 0', received: 'all 0' });
    }
    if (config.startsFrom === 'zeros' && config.normPosition === 'pre') {
      throw new ConfigError({
        where: 'startsFrom',
        expected: 'queries or pooled, where norms stand at the beginning of branches',
        received: 'zeros, of which a norm makes nothing',
        hint: "As in DETR: normPosition: 'post'.",
      });
    }
    const attendsTo = lookedAtSlot(config.attendsTo, target.slot, fusion, encoders);
    const keyValueSize = attendsTo === undefined ? fusion.hiddenSize : encoders[attendsTo].hiddenSize;
    if (grid && keyValueSize % 4 !== 0) {
      throw new ConfigError({
        where: 'grid',
        expected: 'tokens whose width is a multiple of 4, for sines and cosines of two places',
        received: `${keyValueSize}`,
      });
    }
    return new BoxesHead({
      ...config,
      ...resolveTransformerConfig(config, hiddenSize ?? keyValueSize),
      ...{ target, attendsTo, keyValueSize, grid, pooledSize: fusion.hiddenSize },
    });
  },
});

/**
 * Whose tokens the queries look at; undefined for those that the fusion made.
 *
 * @throws ConfigError for a slot that there is not, and behind a fusion that has no tokens of a picture and hands on none
 */
function lookedAtSlot(
  asked: string | undefined,
  picture: string,
  fusion: Fusion,
  encoders: Encoders,
): string | undefined {
  const slots = Object.keys(encoders);
  if (asked !== undefined && slots.includes(asked)) return asked;
  if (asked === undefined && fusion.makesTokens && fusion.keepsTokens) return undefined;
  if (asked === undefined && fusion.offers.includes('encoded')) return picture;
  throw new ConfigError({
    where: 'attendsTo',
    expected: `the slot whose tokens are looked at: ${slots.join(', ')}`,
    received: asked === undefined ? 'none, behind a fusion that has but one vector of a slot' : `"${asked}"`,
  });
}
