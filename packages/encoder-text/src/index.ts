export { ByteTokenizer } from './byte-tokenizer';
export { CausalTextTransformer } from './causal-text-transformer';
export { ChatTemplate, type RenderedChat, type RenderOptions, type TemplateMessage } from './chat/chat-template';
export type { Turn } from './chat/conversation';
export { checkLength } from './check-length';
export { FileTokenizer } from './file-tokenizer';
export { text, text as default } from './plugin';
export { type Pooling, poolTokens } from './pool-tokens';
export { SentenceEncoder, type SentencePooling, type VectorLayer } from './sentence/sentence-encoder';
export type { TextFeatures, TextRow } from './text-features';
export type { TextPair } from './text-pair';
export { TextProcessor, type TextProcessorConfig, textProcessor } from './text-processor';
export { type Places, TextTransformer, type TextTransformerConfig } from './text-transformer';
export { textTransformer } from './text-transformer-definition';
export type { TextValue } from './text-value';
export { withoutSpaces } from './tokenization/decoders';
export type {
  DocumentPiece,
  LocatedTokens,
  LocatedWindows,
  LocateOptions,
  TokenizedDocument,
  TokenizedText,
  Tokenizer,
} from './tokenizer';
