import type { PretrainedFiles } from '@polymodal/hub';
import { FileTokenizer, tokenizerFileName } from '../file-tokenizer';
import { PreparingTokenizer } from '../preparing-tokenizer';
import { promptOf } from '../sentence/prompt-of';
import { sentenceModules } from '../sentence/sentence-modules';
import { textSettings } from '../sentence/text-settings';
import { TextProcessor } from '../text-processor';
import { bucketSizeOf, strideOf } from './batch-settings';
import { chatTemplateOf } from './chat-settings';
import { documentSettings } from './document-settings';
import { endIdsOf } from './end-ids';
import { tokenizerSettings } from './tokenizer-settings';

/** What a text model says of the tokens that it takes. */
export interface TextModelLimits {
  /** Most tokens of a text. */
  readonly maxPositions: number;
  /** Ids lie below it. */
  readonly vocabSize: number;
}

/**
 * The processor of a text model: its tokenizer.json, and as many tokens as the model and its tokenizer take, or as
 * sentence-transformers is told to take. Undefined where there is no tokenizer.json.
 */
export function pretrainedTextProcessor(
  { tokenizer, contents }: Pick<PretrainedFiles, 'tokenizer' | 'contents'>,
  { maxPositions, vocabSize }: TextModelLimits,
): TextProcessor | undefined {
  if (!tokenizer) return undefined;
  const settings = textSettings(contents);
  const most = settings.maxLength ?? tokenizer.config.model_max_length ?? maxPositions;
  const file = new FileTokenizer(contents.get(tokenizerFileName)!, tokenizerFileName, {
    settings: { ...tokenizerSettings({ tokenizer, contents }), lowersFirst: settings.lowerCase },
  });
  const prompt = promptOf(settings, sentenceModules(contents));
  const prompting =
    prompt === '' ? file : new PreparingTokenizer(file, (text, isBeginning) => (isBeginning ? prompt + text : text));
  const maxLength = Math.min(maxPositions, most);
  const endIds = endIdsOf({ tokenizer, contents }, file);
  const sizes = { maxLength, bucketSize: bucketSizeOf(contents), stride: strideOf(contents), vocabSize, endIds };
  const chat = { chatTemplate: chatTemplateOf(contents), specialTokens: file.specialTokens };
  return new TextProcessor({ ...sizes, ...chat, ...documentSettings(contents) }, prompting);
}
