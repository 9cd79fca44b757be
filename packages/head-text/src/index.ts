export { type AttendedTokens, attendedTokens, type KeptTokens } from './attended-tokens';
export { type CiderScores, cider } from './cider';
export { CrossAttentionDecoder, type DecoderTokens } from './cross-attention-decoder';
export { alignLabels } from './ctc/align-labels';
export { bestPath } from './ctc/best-path';
export { CtcHead, type CtcOutput } from './ctc/ctc-head';
export type { CtcTarget } from './ctc/ctc-target';
export { CtcVocabulary, type VocabularyOption } from './ctc/ctc-vocabulary';
export { type CtcSequence, type CtcText, readText, readWords, type SpokenWord } from './ctc/read-texts';
export { defaultMaxCandidates, requireSearchable, type ScoreLabel, searchPrefixes } from './ctc/search-prefixes';
export { DecodedTarget, type DecoderStart, decodedTarget } from './decoded-target';
export type { WrittenRows } from './decoder-writer';
export { characterErrorRate, wordErrorRate } from './error-rates';
export { LanguageModelHead, type LanguageModelOutput } from './language-model-head';
export {
  type FilledText,
  type MaskedLanguageModelConfig,
  MaskedLanguageModelHead,
  type MaskedLanguageModelOutput,
} from './masked-language-model-head';
export { headText, headText as default } from './plugin';
export type { FoundAnswer } from './spans/best-span';
export { type SpanAnswer, type SpanConfig, SpanHead } from './spans/span-head';
export type { SpanTarget } from './spans/span-target';
export type { FoundSpan } from './spans/spans-in';
export type { LabelledSpan } from './spans/tags';
export {
  type TaggedText,
  type TokenClassificationConfig,
  TokenClassificationHead,
  type TokenTags,
} from './spans/token-classification-head';
export type { TokenTarget } from './spans/token-target';
export { attendedSlot } from './text-decoder';
export { TextDecoderHead, type TextDecoderHeadConfig, type TextDecoderOutput } from './text-decoder-head';
export { tiedToAdapted } from './tied-to-adapted';
export { TransformerDecoder, type TransformerDecoderConfig } from './transformer-decoder';
export type { WrittenSequence, WrittenText, WrittenTokens } from './write-texts';
export type { WrittenFigures } from './written-figures';
export type { WrittenTarget } from './written-target';
