import {
  bucketLength,
  ConfigError,
  commonLengths,
  defineProcessor,
  describeValue,
  type Features,
  hostTensor,
  type Lengths,
  lengthMask,
  PolymodalError,
  type Processor,
  type ProcessorSetup,
  padAndStack,
  SampleError,
  ShapeError,
} from '@polymodal/core';
import { readRegularFileSync } from '@polymodal/core/files';
import { z } from 'zod';
import { ByteTokenizer } from './byte-tokenizer';
import { FileTokenizer, tokenizerFileName } from './file-tokenizer';
import type { Tokenizer } from './tokenizer';

const textOptions = z.object({
  /** `'bytes'` for UTF-8 bytes, or the path of a Hugging Face tokenizer.json. A saved model keeps its own copy. */
  tokenizer: z.union([z.literal('bytes'), z.strictObject({ file: z.string().min(1) })]).default('bytes'),
  /** Most tokens of a text, special tokens included. The rest of a longer one is cut off. */
  maxLength: z.int().min(4).max(65_536).default(512),
  /** Tokens of a batch are padded to a multiple of this. */
  bucketSize: z.int().min(1).default(16),
});

/** Options of the text processor, defaults filled in. */
export type TextProcessorConfig = z.output<typeof textOptions>;

/**
 * Turns text into token ids.
 *
 * A text gives `inputIds` (N), in 16 bits where the vocabulary allows it and int32 on the backend; P of them collate to `inputIds`
 * (P, N) and `mask` (P, N). An empty string is a
 * present text without content: the tokenizer's special tokens alone. Leave the modality out for a text that is missing.
 */
export class TextProcessor implements Processor<string> {
  readonly lengthAxes = { inputIds: { 1: 'tokens' }, mask: { 1: 'tokens' } };
  readonly masks = { mask: ['inputIds'] };
  #truncatedTexts = 0;

  constructor(
    readonly config: Pick<TextProcessorConfig, 'maxLength' | 'bucketSize'> & {
      /** Ids of a model that came with a tokenizer lie below it. By default all of the tokenizer's are taken. */
      readonly vocabSize?: number;
    },
    readonly tokenizer: Tokenizer,
  ) {}

  /** Ids lie in [0, vocabSize). */
  get vocabSize(): number {
    return this.config.vocabSize ?? this.tokenizer.vocabSize;
  }

  /** Most tokens that a text has, and a batch of texts. */
  get maxLength(): number {
    return this.config.maxLength;
  }

  /** How many of the texts so far were longer than `maxLength`. */
  get truncatedTexts(): number {
    return this.#truncatedTexts;
  }

  /** @throws SampleError for what is no string, a text without any token, or one with a token that the model lacks */
  process(raw: string): Features {
    if (typeof raw !== 'string') {
      throw new SampleError({
        expected: 'a string',
        received: describeValue(raw),
        hint: 'Leave the modality out (or undefined) where there is no text.',
      });
    }
    const { ids, truncated } = this.tokenizer.encode(raw, this.config.maxLength);
    if (ids.length === 0) {
      throw new SampleError({
        expected: 'a text with at least one token',
        received: describeValue(raw),
        hint: 'This tokenizer adds no special tokens; leave the modality out where there is no text.',
      });
    }
    const unknown = ids.find((id) => id >= this.vocabSize);
    if (unknown !== undefined) {
      throw new SampleError({
        expected: `tokens of the model, whose ids lie below ${this.vocabSize}`,
        received: `token ${unknown} of the tokenizer in ${describeValue(raw)}`,
        hint: 'The tokenizer.json has tokens that were added to it and not to the model.',
      });
    }
    if (truncated) this.#truncatedTexts++;
    const kept = this.vocabSize <= 2 ** 16 ? Uint16Array.from(ids) : ids; // half the memory of a cache
    return { inputIds: hostTensor(kept, [ids.length]) };
  }

  /** @throws ShapeError also for more tokens than `maxLength`, for which a model may have no positions */
  collate(rows: readonly Features[], lengths?: Lengths): Features {
    const { tokens } = commonLengths(
      rows.map((row) => this.shape(row)),
      lengths,
    );
    this.#requirePositions(tokens);
    const inputIds = rows.map((row) => row.inputIds);
    const mask = lengthMask(
      inputIds.map((ids) => ids.shape[0]),
      tokens,
    );
    return { inputIds: padAndStack(inputIds, [tokens]), mask };
  }

  shape({ inputIds }: Features) {
    const [length] = inputIds.shape;
    return { lengths: { tokens: Math.min(bucketLength(length, this.config.bucketSize), this.config.maxLength) } };
  }

  files(): Readonly<Record<string, Uint8Array>> {
    return this.tokenizer.files();
  }

  #requirePositions(tokens: number): void {
    if (tokens <= this.config.maxLength) return;
    const expected = `at most ${this.config.maxLength}, the maxLength of the processor`;
    throw new ShapeError({ where: 'lengths.tokens', expected, received: String(tokens) });
  }
}

/** The `processor` of text encoders. */
export const textProcessor = defineProcessor({
  config: textOptions,
  create: (config, setup) => new TextProcessor(config, createTokenizer(config, setup)),
});

function createTokenizer({ tokenizer }: TextProcessorConfig, setup: ProcessorSetup): Tokenizer {
  if (tokenizer === 'bytes') return new ByteTokenizer();
  const saved = setup.savedFile(tokenizerFileName);
  if (saved) return new FileTokenizer(saved, `${setup.slot}/${tokenizerFileName}`);
  return new FileTokenizer(readTokenizerFile(tokenizer.file, setup.slot), tokenizer.file);
}

/** Those of vocabularies of 256,000 tokens have 35 MB. */
const longestTokenizerFile = 2 ** 28;

function readTokenizerFile(path: string, slot: string): Uint8Array {
  try {
    return readRegularFileSync(path, { maxBytes: longestTokenizerFile });
  } catch (cause) {
    if (!PolymodalError.isInstance(cause)) throw cause;
    throw new ConfigError({
      where: `encoders.${slot}.tokenizer.file`,
      expected: 'the path of a tokenizer.json',
      received: `${describeValue(path)}: expected ${cause.expected}, received ${cause.received}`,
      hint: 'Relative paths start from the working directory of the process.',
      cause,
    });
  }
}
