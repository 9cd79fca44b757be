import type { TokenizedText, Tokenizer } from './tokenizer';

/** A tokenizer that gets each text changed: with a prompt before it, say. */
export class PreparingTokenizer implements Tokenizer {
  constructor(
    readonly tokenizer: Tokenizer,
    readonly prepare: (text: string) => string,
  ) {}

  get vocabSize(): number {
    return this.tokenizer.vocabSize;
  }

  encode(text: string, maxLength: number): TokenizedText {
    return this.tokenizer.encode(this.prepare(text), maxLength);
  }

  files(): Readonly<Record<string, Uint8Array>> {
    return this.tokenizer.files();
  }
}
