import type { PretrainedFiles, TokenizerConfig } from '@polymodal/hub';
import { FileTokenizer, tokenizerFileName } from '../../file-tokenizer';
import { PaddingTokenizer } from '../../padding-tokenizer';
import { PreparingTokenizer } from '../../preparing-tokenizer';
import { TextProcessor } from '../../text-processor';
import { contentOf } from '../../tokenization/as-auto-tokenizer';
import type { TokenizerSettings } from '../../tokenization/tokenizer-settings';
import type { Tokenizer } from '../../tokenizer';
import { documentSettings } from '../document-settings';
import { tokenizerSettings } from '../tokenizer-settings';
import { canonicalText } from './canonical-text';

/**
 * The processor of SigLIP: texts are cut or filled up to the length that the model has positions for, as in Python with
 * `padding="max_length"`, and no token is masked. Undefined where there is no tokenizer.json.
 */
export function siglipTextProcessor(
  { tokenizer, contents }: Pick<PretrainedFiles, 'tokenizer' | 'contents'>,
  { maxPositionEmbeddings, vocabSize }: { readonly maxPositionEmbeddings: number; readonly vocabSize: number },
): TextProcessor | undefined {
  if (!tokenizer) return undefined;
  const { config, specialTokens } = tokenizer;
  const maxLength = Math.min(maxPositionEmbeddings, config.model_max_length ?? maxPositionEmbeddings);
  const settings = asTrained(tokenizerSettings({ tokenizer, contents }));
  const file = new FileTokenizer(contents.get(tokenizerFileName)!, tokenizerFileName, { settings });
  const padTokenId = file.idOf(contentOf(config.pad_token ?? specialTokens.pad_token) ?? '</s>');
  const side = config.padding_side ?? 'right';
  const padding = new PaddingTokenizer(asInPython(file, config), maxLength, padTokenId, side);
  return new TextProcessor({ maxLength, bucketSize: maxLength, vocabSize, ...documentSettings(contents) }, padding);
}

/** Python's `SiglipTokenizer` changes texts before its tokenizer sees them; that of SigLIP 2, a `GemmaTokenizer`, does not. */
function asInPython(tokenizer: Tokenizer, config: TokenizerConfig): Tokenizer {
  if (!isSiglip(config)) return tokenizer;
  return new PreparingTokenizer(tokenizer, (text) => canonicalText(text, config.do_lower_case !== false));
}

/**
 * A token that the file lacks is not added to fill texts with: the model has never seen it. And what Python's `SiglipTokenizer`, which
 * has no tokenizer.json, does beside its SentencePiece model is done in {@link asInPython}.
 */
function asTrained({ config, specialTokens, ...ofModel }: TokenizerSettings): TokenizerSettings {
  const [{ pad_token: _, ...others }, { pad_token: __, ...otherTokens }] = [config, specialTokens];
  const tokenizer_class = isSiglip(config) ? 'PreTrainedTokenizerFast' : config.tokenizer_class;
  return { ...ofModel, config: { ...others, tokenizer_class }, specialTokens: otherTokens };
}

function isSiglip({ tokenizer_class }: Pick<TokenizerConfig, 'tokenizer_class'>): boolean {
  return /^SiglipTokenizer(Fast)?$/.test(tokenizer_class ?? '');
}
