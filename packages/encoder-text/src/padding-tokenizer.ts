import type { TokenizedText, Tokenizer } from './tokenizer';

/** A tokenizer that fills texts up to the length that is asked for, with a token that takes part like any other. */
export class PaddingTokenizer implements Tokenizer {
  constructor(
    readonly tokenizer: Tokenizer,
    readonly padTokenId: number,
    readonly side: 'left' | 'right' = 'right',
  ) {}

  get vocabSize(): number {
    return this.tokenizer.vocabSize;
  }

  encode(text: string, maxLength: number): TokenizedText {
    const { ids, truncated } = this.tokenizer.encode(text, maxLength);
    const filled = new Int32Array(maxLength).fill(this.padTokenId);
    filled.set(ids, this.side === 'left' ? maxLength - ids.length : 0);
    return { ids: filled, truncated };
  }

  files(): Readonly<Record<string, Uint8Array>> {
    return this.tokenizer.files();
  }
}
