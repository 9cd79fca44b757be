import type { TokenizedText, Tokenizer } from '../tokenizer';

/** A tokenizer that puts a prompt before each text. */
export class PromptingTokenizer implements Tokenizer {
  constructor(
    readonly tokenizer: Tokenizer,
    readonly prompt: string,
  ) {}

  get vocabSize(): number {
    return this.tokenizer.vocabSize;
  }

  encode(text: string, maxLength: number): TokenizedText {
    return this.tokenizer.encode(this.prompt + text, maxLength);
  }

  files(): Readonly<Record<string, Uint8Array>> {
    return this.tokenizer.files();
  }
}
