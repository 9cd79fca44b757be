import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { languageModels } from '@polymodal/architectures/language-models';
import { initialize, RandomKey } from '@polymodal/core';
import { textFamilies } from '@polymodal/encoder-text/pretrained';
import { visionFamilies } from '@polymodal/encoder-vision/pretrained';
import { createFromConfig, type Family, type PretrainedConfig, savePretrained } from '@polymodal/hub';

const packages = fileURLToPath(new URL('../../../packages', import.meta.url));
const tokenizers = join(packages, 'encoder-text/fixtures');
const commit = '0'.repeat(40);

/**
 * A cache of the Hugging Face Hub with small models of random values under the names of large ones, so that guides run as they
 * stand, without a connection.
 */
export async function writeTinyHub(cache: string): Promise<void> {
  rmSync(cache, { recursive: true, force: true });
  const bert = await random(cache, 'google-bert/bert-base-uncased', textFamilies, {
    ...{ model_type: 'bert', hidden_size: 16, num_hidden_layers: 1, num_attention_heads: 2, intermediate_size: 32 },
    ...{ vocab_size: 400, max_position_embeddings: 64 },
  });
  cpSync(join(tokenizers, 'word-piece.json'), join(bert, 'tokenizer.json'));
  const gpt2 = await random(cache, 'openai-community/gpt2', languageModels, {
    ...{ model_type: 'gpt2', n_embd: 16, n_layer: 1, n_head: 2, vocab_size: 400, n_positions: 64, eos_token_id: 1 },
  });
  cpSync(join(tokenizers, 'byte-level-bpe.json'), join(gpt2, 'tokenizer.json'));
  const dinov2 = await random(cache, 'facebook/dinov2-small', visionFamilies, {
    ...{ model_type: 'dinov2', hidden_size: 16, num_hidden_layers: 1, num_attention_heads: 2 },
    ...{ image_size: 16, patch_size: 8 },
  });
  const size = { height: 16, width: 16 };
  const pixels = { image_processor_type: 'BitImageProcessor', size, crop_size: size };
  writeFileSync(join(dinov2, 'preprocessor_config.json'), JSON.stringify(pixels));
  cpSync(join(packages, 'architectures/fixtures/zero-shot/clip'), snapshot(cache, 'openai/clip-vit-base-patch32'), {
    recursive: true,
  });
}

async function random(
  cache: string,
  repository: string,
  families: readonly Family[],
  config: PretrainedConfig,
): Promise<string> {
  const made = createFromConfig(families, config);
  initialize(made.model, RandomKey.from(0));
  const folder = snapshot(cache, repository);
  await savePretrained(made, folder);
  made.model.dispose();
  return folder;
}

/** The folder of a repository's files, in the layout of Python's huggingface_hub. */
function snapshot(cache: string, repository: string): string {
  const root = join(cache, `models--${repository.replace('/', '--')}`);
  mkdirSync(join(root, 'refs'), { recursive: true });
  writeFileSync(join(root, 'refs/main'), commit);
  const folder = join(root, 'snapshots', commit);
  mkdirSync(folder, { recursive: true });
  return folder;
}
