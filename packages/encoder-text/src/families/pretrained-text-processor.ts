import type { PretrainedFiles } from '@polymodal/hub';
import { FileTokenizer, tokenizerFileName } from '../file-tokenizer';
import { TextProcessor } from '../text-processor';

/** What a text model says of the tokens that it takes. */
export interface TextModelLimits {
  /** Most tokens of a text. */
  readonly maxPositions: number;
  /** Ids lie below it. */
  readonly vocabSize: number;
}

/**
 * The processor of a text model: its tokenizer.json, and as many tokens as the model and its tokenizer take. Undefined where
 * there is no tokenizer.json.
 */
export function pretrainedTextProcessor(
  { tokenizer, contents }: Pick<PretrainedFiles, 'tokenizer' | 'contents'>,
  { maxPositions, vocabSize }: TextModelLimits,
): TextProcessor | undefined {
  if (!tokenizer) return undefined;
  const maxLength = Math.min(maxPositions, tokenizer.config.model_max_length ?? maxPositions);
  const file = new FileTokenizer(contents.get(tokenizerFileName)!, tokenizerFileName);
  return new TextProcessor({ maxLength, bucketSize: 16, vocabSize }, file);
}
