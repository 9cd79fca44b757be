import { FileFormatError } from '@polymodal/core';
import { parseJsonFile } from '@polymodal/hub';
import { z } from 'zod';
import { readDense } from './dense';
import { poolingConfig } from './pooling-config';
import type { SentencePooling } from './sentence-encoder';

/** {@link SentencePooling}, and whether the tokens of a prompt count. */
export interface SentenceModules extends SentencePooling {
  readonly includePrompt: boolean;
}

/** The name of the file that says what follows the Transformer. */
export const modulesName = 'modules.json';

const modulesFile = z.array(
  z.looseObject({ type: z.string(), path: z.string(), kwargs: z.array(z.unknown()).max(0).nullish() }),
);

const normalizeConfig = z.strictObject({
  module_input_name: z.literal('sentence_embedding').nullish(),
  module_output_name: z.literal('sentence_embedding').nullish(),
});

/**
 * Reads `modules.json` and the files of the modules that it names. Implemented are a Transformer and its pooling, with dense layers and
 * normalisation or without.
 *
 * @param files those beside the weights, by name
 * @returns undefined where there is no modules.json
 * @throws FileFormatError for another module, by name, and for a file that is missing or malformed
 */
export function sentenceModules(files: ReadonlyMap<string, Uint8Array>): SentenceModules | undefined {
  const content = files.get(modulesName);
  if (!content) return undefined;
  const modules = parseJsonFile(content, modulesName, modulesFile).map(({ type, path }) => ({
    kind: kindOf(type),
    path,
  }));
  const [transformer, pooling, ...others] = modules;
  if (transformer?.kind !== 'Transformer') throw unexpected('a Transformer as the first module', transformer);
  if (transformer.path !== '') {
    const hint = 'sentence-transformers of today saves it there: load the folder with it in Python and save it again.';
    throw unexpected('the Transformer in the folder itself', { kind: `it in "${transformer.path}"` }, hint);
  }
  if (pooling?.kind !== 'Pooling') throw unexpected('a Pooling after the Transformer', pooling);
  const steps = others.map(({ kind, path }) => {
    if (kind === 'Dense') return readDense(files, path);
    if (kind !== 'Normalize') throw unexpected('nothing but Dense and Normalize after the pooling', { kind });
    const config = files.get(`${path}/config.json`);
    if (config) parseJsonFile(config, `${path}/config.json`, normalizeConfig);
    return 'normalize' as const;
  });
  const name = `${pooling.path}/config.json`;
  const config = files.get(name);
  if (!config)
    throw new FileFormatError({ where: name, expected: 'the config of the pooling', received: 'no such file' });
  const { modes, includePrompt } = poolingConfig(config, name);
  return { pooling: modes, includePrompt, steps };
}

/** The class of a module of sentence-transformers, whose place in its package has changed with its versions. */
function kindOf(type: string): string {
  return /^sentence_transformers\.(?:\w+\.)*(Transformer|Pooling|Dense|Normalize)$/.exec(type)?.[1] ?? type;
}

function unexpected(expected: string, module: { readonly kind: string } | undefined, hint?: string): FileFormatError {
  return new FileFormatError({
    where: modulesName,
    expected,
    received: module?.kind ?? 'none',
    hint: hint ?? 'Other modules of sentence-transformers are not implemented.',
  });
}
