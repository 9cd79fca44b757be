export { ByteTokenizer } from './byte-tokenizer';
export { FileTokenizer } from './file-tokenizer';
export { TextProcessor, type TextProcessorConfig, textProcessor } from './text-processor';
export type { TokenizedText, Tokenizer } from './tokenizer';
