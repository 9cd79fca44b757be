import { type ComposeOptions, ConfigError } from '@polymodal/core';
import type { GenerationOptions } from '@polymodal/generation';
import { generationConfig } from '@polymodal/generation/pretrained';
import { parseJsonFile } from '@polymodal/hub';
import { z } from 'zod';

/**
 * The config of the head of a language model that comes out of a folder, and writes as that says.
 *
 * @param of   the slot in whose tokens it writes, which has the files
 * @param tied whether its weight is that of the token embeddings
 */
export function writingHead(of: string, tied: boolean, options: ComposeOptions) {
  const generation = writingOf(of, options);
  const [endTokenId] = [generation.eosTokenId ?? []].flat();
  return { use: 'language-model', of, tied, generation, ...(endTokenId !== undefined && { endTokenId }) } as const;
}

/**
 * How the files beside the weights say that it writes. What only drawing reads is kept for predictions that ask to draw, unless nothing
 * could be drawn with it (files that do not draw have temperatures of 0).
 */
export function writingOf(slot: string, { savedFile }: ComposeOptions): GenerationOptions {
  const contents = new Map<string, Uint8Array>();
  for (const name of ['config.json', 'generation_config.json']) {
    const content = savedFile?.(`processors/${slot}`, name);
    if (content) contents.set(name, content);
  }
  const config = contents.get('config.json');
  const configFile = config ? parseJsonFile(config, 'config.json', anyConfig) : { model_type: '' };
  try {
    return generationConfig(contents, configFile, true);
  } catch (error) {
    if (!ConfigError.isInstance(error)) throw error;
    return generationConfig(contents, configFile);
  }
}

const anyConfig = z.looseObject({ model_type: z.string().default('') });
