import type { Json } from '../read/file-part';

// Parts that several classes make.

export const byteLevel = (addPrefixSpace: unknown, useRegex = true) => ({
  type: 'ByteLevel',
  add_prefix_space: addPrefixSpace === true,
  trim_offsets: true,
  use_regex: useRegex,
});

/** A template of special tokens, `'A'` and `'B'`, each followed by its type. */
export function template(
  single: readonly (string | number)[],
  pair: readonly (string | number)[],
  ids: Readonly<Record<string, number>>,
): Json {
  const pieces = (parts: readonly (string | number)[]) =>
    parts.flatMap((id, index) => {
      if (index % 2 === 1) return [];
      const type_id = parts[index + 1];
      return [id === 'A' || id === 'B' ? { Sequence: { id, type_id } } : { SpecialToken: { id, type_id } }];
    });
  const special_tokens = Object.fromEntries(
    Object.entries(ids).map(([token, id]) => [token, { id: token, ids: [id], tokens: [token] }]),
  );
  return { type: 'TemplateProcessing', single: pieces(single), pair: pieces(pair), special_tokens };
}

/** What the file says of its model. */
export function modelOf({ model }: Json): Json {
  return model as Json;
}

/** The vocabulary and merges of the file, with other options. */
export function bpe(file: Json, options: Json): Json {
  const { vocab, merges } = modelOf(file);
  return { type: 'BPE', vocab, merges, continuing_subword_prefix: '', end_of_word_suffix: '', ...options };
}

/** The table of a SentencePiece model, where the file has one. */
export function charsmapOf({ normalizer }: Json): Json | null {
  const whole = (normalizer ?? {}) as Json;
  const parts = (whole.type === 'Sequence' ? whole.normalizers : [whole]) as readonly Json[];
  return parts.find(({ type }) => type === 'Precompiled') ?? null;
}

/** Words with a mark at their beginning, as SentencePiece has them. */
export function wordMarks(hasFirst: boolean): Json {
  const marks = { type: 'Metaspace', replacement: '▁', prepend_scheme: hasFirst ? 'always' : 'never', split: true };
  return {
    pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, marks] },
    decoder: marks,
  };
}
