export { ByteTokenizer } from './byte-tokenizer';
export { FileTokenizer } from './file-tokenizer';
export { text, text as default } from './plugin';
export type { Pooling } from './pool-tokens';
export { TextProcessor, type TextProcessorConfig, textProcessor } from './text-processor';
export { TextTransformer, type TextTransformerConfig, textTransformer } from './text-transformer';
export type { TokenizedText, Tokenizer } from './tokenizer';
