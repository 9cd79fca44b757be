import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pretrained } from '@polymodal/hub';
import { FileTokenizer, tokenizerFileName } from '../file-tokenizer';
import { TextProcessor } from '../text-processor';

/**
 * The processor of a text model: its tokenizer.json, and as many tokens as the model and its tokenizer take. Undefined for a
 * folder without tokenizer.json.
 *
 * @param maxPositions most tokens that the model takes
 */
export function pretrainedTextProcessor(pretrained: Pretrained, maxPositions: number): TextProcessor | undefined {
  if (!pretrained.tokenizer) return undefined;
  const path = join(pretrained.directory, tokenizerFileName);
  const maxLength = Math.min(maxPositions, pretrained.tokenizer.config.model_max_length ?? maxPositions);
  return new TextProcessor({ maxLength, bucketSize: 16 }, new FileTokenizer(readFileSync(path), path));
}
