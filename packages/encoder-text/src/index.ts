export { ByteTokenizer } from './byte-tokenizer';
export { causalBias } from './causal-bias';
export { FileTokenizer } from './file-tokenizer';
export { text, text as default } from './plugin';
export { type Pooling, poolTokens } from './pool-tokens';
export { TextProcessor, type TextProcessorConfig, textProcessor } from './text-processor';
export { TextTransformer, type TextTransformerConfig, textTransformer } from './text-transformer';
export type { TokenizedText, Tokenizer } from './tokenizer';
