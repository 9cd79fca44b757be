import type { CausalEncoder } from '@polymodal/generation';
import { type CamelCased, type ConfigOf, defineFamily, type Family, type KeyMap, nestedKeys } from '@polymodal/hub';
import type { z } from 'zod';
import { CausalLanguageModel } from './causal-language-model';

/** What a family of encoders lacks to be one of language models. */
export interface LanguageModelParts<Schema extends z.ZodType> {
  /** By `model_type`, the class of Python's transformers that loads what we save. */
  readonly architectures: Readonly<Record<string, string>>;
  /** Of the whole: that of the encoder with `tie_word_embeddings`. */
  readonly config: Schema;
  /** What stands before the names of the encoder's tensors, such as `transformer.`. Checkpoints of it alone have it not. */
  readonly prefix: string;
}

/** The family of causal language models around encoders of another family. */
export function languageModelFamily<
  F extends Family<z.ZodType, CausalEncoder>,
  Schema extends z.ZodType<z.output<F['config']> & { readonly tie_word_embeddings: boolean }>,
>(encoders: F, { architectures, config, prefix }: LanguageModelParts<Schema>) {
  type Config = CamelCased<z.output<Schema>>;
  const ofEncoder = (whole: Config) => whole as unknown as ConfigOf<F>;
  const isTied = (whole: Config) => (whole as { readonly tieWordEmbeddings: boolean }).tieWordEmbeddings;
  return defineFamily({
    architectures,
    config,
    adjustments: adjustmentsOf(encoders),
    build: (whole: Config, stored) => {
      const hasOfEncoder = (name: string) => stored.has(prefix + name) || stored.has(name);
      const encoder = encoders.build(ofEncoder(whole), { has: hasOfEncoder }) as ReturnType<F['build']>;
      return new CausalLanguageModel(encoder, { tied: isTied(whole) });
    },
    keys: (whole) => languageModelKeys(encoders.keys(ofEncoder(whole)), prefix, isTied(whole)),
    processor: (files, whole) =>
      encoders.processor?.(files, ofEncoder(whole)) as ReturnType<NonNullable<F['processor']>>,
  });
}

/** Those of the encoder, but for what makes a vector of a whole text, and what stands before it: a prompt is the caller's. */
function adjustmentsOf({ adjustments = {} }: Pick<Family, 'adjustments'>): NonNullable<Family['adjustments']> {
  const { pooling: _, prompt: __, ...others } = adjustments;
  return others;
}

function languageModelKeys(encoder: KeyMap, prefix: string, tied: boolean): KeyMap {
  const ofEncoder = (encoder.ignored ?? []).filter(({ theirs }) => theirs !== head);
  const { entries, ignored } = nestedKeys({ ...encoder, ignored: ofEncoder }, { ours: 'encoder.', theirs: prefix });
  const nested = entries.map((entry, index) => ({ ...entry, formerly: encoder.entries[index].theirs }));
  return {
    entries: tied ? nested : [...nested, { ours: 'lmHead.weight', theirs: head }],
    ignored: [
      ...ignored,
      ...ofEncoder,
      ...(tied ? [{ theirs: head, reason: 'tied to the token embeddings by the config' }] : []),
    ],
  };
}

const head = 'lm_head.weight';
