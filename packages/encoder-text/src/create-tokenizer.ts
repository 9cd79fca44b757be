import { ConfigError, describeValue, PolymodalError, type ProcessorSetup } from '@polymodal/core';
import { readRegularFileSync } from '@polymodal/core/files';
import { z } from 'zod';
import { ByteTokenizer } from './byte-tokenizer';
import { FileTokenizer, tokenizerFileName } from './file-tokenizer';
import type { Tokenizer } from './tokenizer';

/** `'bytes'` for UTF-8 bytes, or the path of a Hugging Face tokenizer.json. A saved model keeps its own copy. */
export const tokenizerOption = z
  .union([z.literal('bytes'), z.strictObject({ file: z.string().min(1) })])
  .default('bytes');

/**
 * The tokenizer of a slot.
 *
 * @throws ConfigError for a file that cannot be read
 */
export function createTokenizer(tokenizer: z.output<typeof tokenizerOption>, setup: ProcessorSetup): Tokenizer {
  if (tokenizer === 'bytes') return new ByteTokenizer();
  const saved = setup.savedFile(tokenizerFileName);
  if (saved) return new FileTokenizer(saved, `${setup.slot}/${tokenizerFileName}`);
  return new FileTokenizer(readTokenizerFile(tokenizer.file, setup.slot), tokenizer.file);
}

/** Those of vocabularies of 256,000 tokens have 35 MB. */
const longestTokenizerFile = 2 ** 28;

function readTokenizerFile(path: string, slot: string): Uint8Array {
  try {
    return readRegularFileSync(path, { maxBytes: longestTokenizerFile });
  } catch (cause) {
    if (!PolymodalError.isInstance(cause)) throw cause;
    throw new ConfigError({
      where: `encoders.${slot}.tokenizer.file`,
      expected: 'the path of a tokenizer.json',
      received: `${describeValue(path)}: expected ${cause.expected}, received ${cause.received}`,
      hint: 'Relative paths start from the working directory of the process.',
      cause,
    });
  }
}
