import { composeModel } from '@polymodal/core';
import {
  type CamelCased,
  type ConfigOf,
  defineComposedFamily,
  type Family,
  type KeyMap,
  nestedKeys,
} from '@polymodal/hub';
import type { z } from 'zod';
import { languageModelRegistry } from './language-model-registry';
import { writingHead } from './writing-head';

/** What a family of encoders lacks to be one of language models. */
export interface LanguageModelParts<Schema extends z.ZodType> {
  /** By `model_type`, the class of Python's transformers that loads what we save. */
  readonly architectures: Readonly<Record<string, string>>;
  /** Of the whole: that of the encoder with `tie_word_embeddings`. */
  readonly config: Schema;
  /** What stands before the names of the encoder's tensors, such as `transformer.`. Checkpoints of it alone have it not. */
  readonly prefix: string;
  /** Width of its tokens. */
  readonly widthOf: (config: CamelCased<z.output<Schema>>) => number;
}

/**
 * The family of language models around causal encoders of another family: a `Model` of the encoder as the slot `text`, the fusion
 * `decoder` and the head `language-model`, also called `text`, which writes as the folder says.
 */
export function languageModelFamily<
  F extends Family,
  Schema extends z.ZodType<z.output<F['config']> & { readonly tie_word_embeddings: boolean }>,
>(encoders: F, { architectures, config, prefix, widthOf }: LanguageModelParts<Schema>) {
  type Config = CamelCased<z.output<Schema>>;
  const isTied = (whole: Config) => (whole as { readonly tieWordEmbeddings: boolean }).tieWordEmbeddings;
  return defineComposedFamily({
    architectures,
    config,
    adjustments: adjustmentsOf(encoders),
    compose: (whole: Config, from, options) => {
      const writer = writingHead('text', isTied(whole), options);
      return composeModel(
        languageModelRegistry,
        {
          hiddenSize: widthOf(whole),
          encoders: { text: { use: 'pretrained-text', from } },
          fusion: { use: 'decoder' },
          heads: { text: writer },
        },
        options,
      );
    },
    keys: (whole) => languageModelKeys(encoders.keys(whole as unknown as ConfigOf<F>), prefix, isTied(whole)),
  });
}

/** Those of the encoder, but for what makes a vector of a whole text, and what stands before it: a prompt is the caller's. */
function adjustmentsOf({ adjustments = {} }: Pick<Family, 'adjustments'>): NonNullable<Family['adjustments']> {
  const { pooling: _, prompt: __, ...others } = adjustments;
  return others;
}

function languageModelKeys(encoder: KeyMap, prefix: string, tied: boolean): KeyMap {
  const ofEncoder = (encoder.ignored ?? []).filter(({ theirs }) => theirs !== head);
  const nested = nestedKeys({ ...encoder, ignored: ofEncoder }, { ours: 'encoders.text.', theirs: prefix });
  const entries = nested.entries.map((entry, index) => ({ ...entry, formerly: encoder.entries[index].theirs }));
  return {
    entries: tied ? entries : [...entries, { ours: 'heads.text.lmHead.weight', theirs: head }],
    ignored: [
      ...nested.ignored,
      ...ofEncoder,
      ...(tied ? [{ theirs: head, reason: 'tied to the token embeddings by the config' }] : []),
    ],
  };
}

const head = 'lm_head.weight';
