import type { Json } from './read/file-part';

/** What stands beside a tokenizer.json, parsed. */
export interface TokenizerSettings {
  /** `tokenizer_config.json` */
  readonly config: Json;
  /** `special_tokens_map.json` */
  readonly specialTokens: Json;
  /** `model_type` of `config.json`. */
  readonly modelType: string | undefined;
  /** Whether letters are made small before all else, where the tokenizer does not do so itself (sentence-transformers). */
  readonly lowersFirst?: boolean;
  /** `tokenizer_class` of `config.json`, which counts where `tokenizer_config.json` has none. */
  readonly modelTokenizerClass?: string | undefined;
}
