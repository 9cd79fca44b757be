import { ConfigError, defineHead, type Encoders, suggestNames, UnknownNameError } from '@polymodal/core';
import { z } from 'zod';
import { ContrastiveHead } from './contrastive-head';
import { hiddenOptions } from './hidden-layers';
import { matchTarget } from './match-target';
import { MatchingHead } from './matching-head';

/** The head `matching`: a {@link MatchingHead}. */
export const matching = defineHead({
  name: 'matching',
  target: matchTarget,
  config: z.object({
    /** The two that are to belong together; by default those of a model that has two. */
    modalities: z.tuple([z.string(), z.string()]).readonly().optional(),
    /** How freely pairs that do not match are drawn: 1 by the softmax of similarities, 0 always the most similar. */
    samplingTemperature: z.number().nonnegative().default(1),
    ...hiddenOptions,
  }),
  create: ({ modalities: asked, ...options }, { name, fusion, encoders, parent }) => {
    const modalities = twoOf(asked ?? Object.keys(encoders), encoders, `heads.${name}.modalities`);
    const contrastive = contrastiveParent(parent, modalities, `heads.${name}.input`);
    return new MatchingHead({ ...options, modalities, contrastive, hiddenSize: fusion.hiddenSize });
  },
});

function twoOf(asked: readonly string[], encoders: Encoders, where: string): [string, string] {
  const unknown = asked.find((slot) => !Object.hasOwn(encoders, slot));
  if (unknown !== undefined) {
    const hint = suggestNames(unknown, Object.keys(encoders));
    throw new UnknownNameError({ where, expected: 'the name of an encoder slot', received: `"${unknown}"`, hint });
  }
  const [first, second, ...more] = asked;
  if (second !== undefined && more.length === 0 && first !== second) return [first, second];
  throw new ConfigError({
    where,
    expected: 'two modalities of the model, which belong together or not',
    received: asked.join(', '),
    hint: 'Of a model with more, name them: modalities: ["image", "text"].',
  });
}

function contrastiveParent(parent: unknown, modalities: readonly string[], where: string): ContrastiveHead | undefined {
  if (parent === undefined) return undefined;
  const compares = parent instanceof ContrastiveHead && modalities.every((own) => parent.modalities.includes(own));
  if (compares) return parent;
  throw new ConfigError({
    where,
    expected: `a head "contrastive" that aligns ${modalities.join(' and ')}, or none`,
    received: parent instanceof ContrastiveHead ? `one that aligns ${parent.modalities.join(', ')}` : 'another head',
    hint: 'By its similarities pairs are chosen that are hard to tell apart; without it, at random.',
  });
}
