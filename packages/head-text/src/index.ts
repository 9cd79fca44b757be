export { type AttendedTokens, attendedTokens, type KeptTokens } from './attended-tokens';
export { type CiderScores, cider } from './cider';
export { CrossAttentionDecoder, type DecoderTokens } from './cross-attention-decoder';
export { DecodedTarget, type DecoderStart, decodedTarget } from './decoded-target';
export type { WrittenRows } from './decoder-writer';
export { LanguageModelHead, type LanguageModelOutput } from './language-model-head';
export {
  type FilledText,
  type MaskedLanguageModelConfig,
  MaskedLanguageModelHead,
  type MaskedLanguageModelOutput,
} from './masked-language-model-head';
export { headText, headText as default } from './plugin';
export { attendedSlot } from './text-decoder';
export { TextDecoderHead, type TextDecoderHeadConfig, type TextDecoderOutput } from './text-decoder-head';
export { tiedToAdapted } from './tied-to-adapted';
export { TransformerDecoder, type TransformerDecoderConfig } from './transformer-decoder';
export type { WrittenSequence, WrittenText, WrittenTokens } from './write-texts';
