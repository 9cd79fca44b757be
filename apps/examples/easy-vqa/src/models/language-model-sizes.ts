import { join } from 'node:path';
import { ConfigError } from '@polymodal/core';
import { readRegularFile } from '@polymodal/core/files';
import { parseJsonFile } from '@polymodal/hub';
import { z } from 'zod';

const size = z.int().positive();

const config = z.looseObject({
  hidden_size: size,
  num_attention_heads: size,
  num_hidden_layers: size,
  tie_word_embeddings: z.boolean().default(false),
});

/** What is new around a language model goes by these. */
export interface LanguageModelSizes {
  readonly hiddenSize: number;
  readonly numAttentionHeads: number;
  readonly numHiddenLayers: number;
}

/**
 * The sizes of a Llama or Qwen2, from its config.json.
 *
 * @throws ConfigError for one whose head has weights of its own: of a language model that is a part of another, the encoder is loaded
 *   alone, and its head would begin anew
 * @throws StorageError, FileFormatError for a folder without such a config.json
 */
export async function languageModelSizes(folder: string): Promise<LanguageModelSizes> {
  const path = join(folder, 'config.json');
  const content = await readRegularFile(path, { maxBytes: 2 ** 24 });
  const sizes = parseJsonFile(content, path, config);
  if (sizes.tie_word_embeddings) {
    return {
      hiddenSize: sizes.hidden_size,
      numAttentionHeads: sizes.num_attention_heads,
      numHiddenLayers: sizes.num_hidden_layers,
    };
  }
  throw new ConfigError({
    where: '--language-model',
    expected:
      'a language model whose head has the weights of its token embeddings (tie_word_embeddings in config.json)',
    received: folder,
  });
}
