import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { languageModels } from '@polymodal/architectures/language-models';
import { initialize, type Model, RandomKey } from '@polymodal/core';
import { createFromConfig, savePretrained } from '@polymodal/hub';

const characters = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index));
const end = '<end>';
/** Printable ASCII, a space (which byte-level BPE writes so), and the token that ends a text. */
const vocab = Object.fromEntries([...characters, 'Ġ', end].map((token, id) => [token, id]));

const config = {
  model_type: 'llama',
  vocab_size: Object.keys(vocab).length,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 3,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  max_position_embeddings: 128,
  tie_word_embeddings: true,
  eos_token_id: vocab[end],
};

const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };

const tokenizer = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [
    {
      id: vocab[end],
      content: end,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    },
  ],
  normalizer: null,
  pre_tokenizer: byteLevel,
  post_processor: null,
  decoder: byteLevel,
  model: { type: 'BPE', vocab, merges: [] },
};

/** For tests: a folder of a Llama of random weights, which reads and writes character by character. */
export async function writeTinyLanguageModel(
  folder: string,
  change: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const made = createFromConfig(languageModels, { ...config, ...change });
  initialize(made.model, RandomKey.from(3));
  await spreadEmbeddings(made.model);
  await savePretrained(made, folder);
  made.model.dispose();
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
  const settings = { tokenizer_class: 'PreTrainedTokenizerFast', eos_token: end };
  await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify(settings));
}

/** As a model has them that has learned: so near to one another as they begin, no token could be told from the next. */
async function spreadEmbeddings(model: Model): Promise<void> {
  const embeddings = model.parameters().get('encoders.text.tokenEmbeddings.weight')!;
  embeddings.adoptValues(Float32Array.from(await embeddings.viewValues(), (value) => 50 * value));
}
