import {
  ConfigError,
  defineHead,
  type Encoders,
  suggestNames,
  UnknownNameError,
  type ValueBlocks,
} from '@polymodal/core';
import { resolveTransformerConfig, transformerOptions } from '@polymodal/nn';
import { z } from 'zod';
import { MaskedAutoencoderHead } from './masked-autoencoder-head';

/** The head `masked-autoencoder`: a {@link MaskedAutoencoderHead}. */
export const maskedAutoencoder = defineHead({
  name: 'masked-autoencoder',
  config: z.object({
    /** The slot whose values are hidden in part; by default the only one whose encoder says what its blocks are. */
    of: z.string().min(1).optional(),
    /** Which share of a value's blocks is hidden. */
    ratio: z.number().gt(0).lt(1).default(0.75),
    /** Whether what is guessed of a block is by its own mean and deviation. */
    normalizeTargets: z.boolean().default(true),
    /** Width of the decoder; that of the encoder's tokens if left out. */
    hiddenSize: z.int().positive().optional(),
    ...transformerOptions,
    numHiddenLayers: z.int().positive().default(2),
    hiddenDropout: z.number().min(0).lt(1).default(0),
  }),
  create: ({ of, hiddenSize, ratio, normalizeTargets, ...layers }, { name, encoders }) => {
    const [slot, blocks] = blocksOf(encoders, of, `heads.${name}.of`);
    const encoderSize = encoders[slot].hiddenSize;
    const decoder = resolveTransformerConfig(layers, hiddenSize ?? encoderSize);
    return new MaskedAutoencoderHead({ of: slot, blocks, encoderSize, ratio, normalizeTargets, decoder });
  },
});

function blocksOf(encoders: Encoders, asked: string | undefined, where: string): [string, ValueBlocks] {
  const able = Object.entries(encoders).flatMap(([slot, { blocks }]) => (blocks ? [[slot, blocks] as const] : []));
  const names = able.map(([slot]) => slot);
  if (asked !== undefined && !Object.hasOwn(encoders, asked)) {
    const expected = 'the name of an encoder slot';
    throw new UnknownNameError({
      where,
      expected,
      received: `"${asked}"`,
      hint: suggestNames(asked, Object.keys(encoders)),
    });
  }
  const chosen =
    asked === undefined ? (able.length === 1 ? able[0] : undefined) : able.find(([slot]) => slot === asked);
  if (chosen) return [...chosen];
  throw new ConfigError({
    where,
    expected: 'a slot of one value whose encoder divides it into blocks',
    received: asked === undefined ? `none named, and ${names.length} that do` : `"${asked}", whose encoder does not`,
    hint:
      names.length > 0
        ? `These do: ${names.join(', ')}.`
        : 'Such are `vit` and `mel-transformer`, without `several` and `shared`.',
  });
}
