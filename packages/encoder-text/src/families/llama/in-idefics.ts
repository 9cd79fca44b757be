import { ConfigError } from '@polymodal/core';
import type { KeyMap, PlaceInWhole, PretrainedConfig } from '@polymodal/hub';

/** The language model in HF `IdeficsForVisionText2Text`, whose options stand among those of the whole. */
export const llamaInIdefics: PlaceInWhole = {
  configOf: llamaOfIdefics,
  keysOf: (keys, whole) => withAdditionalTokens(keys, sizesOf(whole)),
  modelType: 'llama',
  prefix: 'model.',
  ignored: [
    { theirs: 'model.vision_model.**', reason: 'the vision tower' },
    { theirs: 'model.gated_cross_attn_layers.**', reason: 'by which the language model looks at pictures' },
    { theirs: 'model.perceiver_resampler.**', reason: 'makes latents of pictures' },
    { theirs: 'lm_head.**', reason: 'the head that guesses the next token' },
  ],
};

/** How many tokens a vocabulary has, and how many were added to it for pictures. */
interface VocabularySizes {
  readonly vocabSize: number;
  readonly additionalVocabSize: number;
}

/**
 * The key map of a language model in Idefics, which keeps the embeddings of tokens that were added for pictures by themselves
 * (`IdeficsDecoupledEmbedding`).
 */
export function withAdditionalTokens(keys: KeyMap, { vocabSize, additionalVocabSize }: VocabularySizes): KeyMap {
  if (additionalVocabSize === 0) return keys;
  const added = [
    { ours: embeddings, theirs: 'embed_tokens.weight', rows: [0, vocabSize] as const },
    {
      ours: embeddings,
      theirs: 'embed_tokens.additional_embedding.weight',
      rows: [vocabSize, vocabSize + additionalVocabSize] as const,
    },
  ];
  return { ...keys, entries: [...added, ...keys.entries.filter(({ ours }) => ours !== embeddings)] };
}

const embeddings = 'tokenEmbeddings.weight';

/** Those that Python's `IdeficsConfig` has for the language model. */
const shared = [
  ...['hidden_size', 'intermediate_size', 'num_hidden_layers', 'num_attention_heads', 'hidden_act'],
  ...['max_position_embeddings', 'rms_norm_eps', 'rope_parameters', 'rope_scaling', 'rope_theta'],
  ...['bos_token_id', 'eos_token_id', 'pad_token_id'],
];

function llamaOfIdefics(whole: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { vocabSize, additionalVocabSize } = sizesOf(whole);
  const stated = shared.filter((name) => whole[name] !== undefined).map((name) => [name, whole[name]]);
  if ((whole.dropout ?? 0) !== 0) {
    throw new ConfigError({
      where: 'dropout',
      expected: '0: between the layers of Llama nothing is dropped',
      received: String(whole.dropout),
    });
  }
  return { ...Object.fromEntries(stated), vocab_size: vocabSize + additionalVocabSize };
}

function sizesOf(whole: PretrainedConfig | Readonly<Record<string, unknown>>): VocabularySizes {
  const of = (name: string, byDefault: number) => ((whole as Record<string, unknown>)[name] ?? byDefault) as number;
  return { vocabSize: of('vocab_size', 32000), additionalVocabSize: of('additional_vocab_size', 0) };
}
