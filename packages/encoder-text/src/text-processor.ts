import {
  bucketLength,
  ConfigError,
  collatePlaces,
  collateSegments,
  commonLengths,
  type DividingProcessor,
  type DocumentPart,
  defineProcessor,
  describeValue,
  hostTensor,
  type Interleaved,
  type InterleavingProcessor,
  isPacked,
  type LaidOutPart,
  type Lengths,
  lengthMask,
  type OwnPart,
  padAndStack,
  SampleError,
  ShapeError,
  sequenceFeatures,
  type TokenCodec,
} from '@polymodal/core';
import { z } from 'zod';
import { ChatTemplate } from './chat/chat-template';
import { ChatText } from './chat/chat-text';
import { readConversation } from './chat/conversation';
import { layOutConversation } from './chat/lay-out-conversation';
import { createTokenizer, tokenizerOption } from './create-tokenizer';
import { type DocumentOptions, documentOptions, Placeholders } from './document-options';
import { textCodec } from './text-codec';
import type { TextFeatures, TextRow } from './text-features';
import { isTextPair } from './text-pair';
import {
  mostWindows,
  tooLong,
  tooLongChat,
  tooManyWindows,
  withoutPlaces,
  withoutSeveral,
  withoutTemplate,
} from './text-refusals';
import { collateAnswers, collateTypes, packedTexts } from './text-rows';
import { requireText, type TextValue, textsOf } from './text-value';
import type {
  DocumentEncodingOptions,
  DocumentPiece,
  LocateOptions,
  TokenizedDocument,
  TokenizedText,
  Tokenizer,
} from './tokenizer';
import { WrittenDocument, type WrittenPart } from './written-document';
import { writtenPlace } from './written-place';

const textOptions = z.object({
  tokenizer: tokenizerOption,
  /** Most tokens of a text, special tokens included. The rest of a longer one is cut off. */
  maxLength: z.int().min(4).max(65_536).default(512),
  /** Tokens of a batch are padded to a multiple of this. */
  bucketSize: z.int().min(1).default(16),
  /**
   * Of a slot with `several`: a text that is longer than `maxLength` becomes several values, windows of it that overlap by so many tokens
   * (`doc_stride` of Python). By default its rest is cut off.
   */
  stride: z.int().min(0).optional(),
  ...documentOptions,
});

/** Options of the text processor, defaults filled in. */
export type TextProcessorConfig = z.output<typeof textOptions>;

/**
 * Turns text into token ids.
 *
 * A text gives `inputIds` (N), in 16 bits where the vocabulary allows it and int32 on the backend; P of them collate to `inputIds`
 * (P, N) and `mask` (P, N). An empty string is a
 * present text without content: the tokenizer's special tokens alone. Leave the modality out for a text that is missing.
 *
 * It takes documents, in which values of other slots stand between texts: one token at each place, see `DocumentOptions`. Their
 * texts are tokenised as one whole, parted at the places. And it takes conversations ({@link Turn}), which its chat template makes documents
 * of: they have a feature more, `answers` (N). A pair of texts ({@link TextPair}) has `tokenTypeIds` (N).
 */
export class TextProcessor implements InterleavingProcessor<TextValue, TextRow, TextFeatures> {
  readonly lengthAxes = {
    inputIds: { 1: 'tokens' },
    answers: { 1: 'tokens' },
    segment: { 1: 'tokens' },
    tokenTypeIds: { 1: 'tokens' },
    mask: { 1: 'tokens' },
    placeSlot: { 1: 'tokens' },
    placeValue: { 1: 'tokens' },
  };
  readonly masks = { mask: ['inputIds', ...sequenceFeatures] };
  #truncatedTexts = 0;
  #codec: TokenCodec<string> | undefined;
  #chat: ChatTemplate | undefined;
  readonly #placeholders: Placeholders;
  #locates = false;
  /** Of a slot whose long texts become windows. */
  readonly divide?: DividingProcessor<TextValue, TextRow>['divide'];

  constructor(
    readonly config: Pick<TextProcessorConfig, 'maxLength' | 'bucketSize'> & {
      readonly stride?: number | undefined;
    } & DocumentOptions & {
        /** Ids of a model that came with a tokenizer lie below it. By default all of the tokenizer's are taken. */
        readonly vocabSize?: number;
        /** Ids that end a text in that model. By default those of the tokenizer. */
        readonly endIds?: readonly number[];
        /** The texts of special tokens that a chat template may write, by their names: `eos_token`. */
        readonly specialTokens?: Readonly<Record<string, string>>;
      },
    readonly tokenizer: Tokenizer,
  ) {
    this.#placeholders = new Placeholders(config.placeholder, tokenizer);
    const { stride } = config;
    if (stride === undefined) return;
    if (!tokenizer.locate) throw withoutPlaces('stride');
    if (stride >= config.maxLength) {
      const expected = `less than maxLength, ${config.maxLength}`;
      throw new ConfigError({ where: 'stride', expected, received: String(stride) });
    }
    this.divide = (raw) => ({ values: this.#windows(textsOf(raw), { stride, most: mostWindows }), grid: [0, 0] });
  }

  /** From now on features say where tokens stand: those of documents and conversations do not. */
  locateTokens(): void {
    if (!this.tokenizer.locate) throw withoutPlaces('tokenizer');
    this.#locates = true;
  }

  /** Ids lie in [0, vocabSize). */
  get vocabSize(): number {
    return this.config.vocabSize ?? this.tokenizer.vocabSize;
  }

  /** How texts are written, where the tokenizer can. */
  get codec(): TokenCodec<string> | undefined {
    const { vocabSize, tokenizer } = this;
    const endIds = this.config.endIds ?? tokenizer.endIds ?? [];
    // one and the same, by which others keep what they know of its tokens
    this.#codec ??= textCodec(tokenizer, { vocabSize, endIds, placeholderIds: this.#placeholders.ids });
    return this.#codec;
  }

  /** Most tokens that a text has, and a batch of texts. */
  get maxLength(): number {
    return this.config.maxLength;
  }

  /** How many of the texts so far were longer than `maxLength`. */
  get truncatedTexts(): number {
    return this.#truncatedTexts;
  }

  /** A text, as it is. @throws SampleError for what is no string, and of conversations: what their template wrote is not to be changed */
  read(raw: TextValue): string {
    const received = this.#unchangeable(raw);
    if (received === undefined) return requireText(raw);
    throw new SampleError({
      expected: 'texts, which augmentations may change',
      received,
      hint: 'Leave out the augmentations of this slot.',
    });
  }

  #unchangeable(raw: TextValue): string | undefined {
    if (raw instanceof ChatText) return 'a conversation, in which they would change what its template writes';
    if (isTextPair(raw)) return 'a pair of texts';
    return this.#locates ? 'one in which targets name places, which they would move' : undefined;
  }

  /** @throws SampleError for what is no string, a text without any token, or one with a token that the model lacks, or a placeholder */
  process(raw: TextValue): TextRow {
    if (this.divide) throw withoutSeveral(this.config.stride);
    if (this.#locates || isTextPair(raw)) return this.#windows(textsOf(raw), { stride: 0, most: 1 })[0];
    const text = this.tokenizer.encode(requireText(raw), this.config.maxLength);
    this.#requireTokens(text, describeValue(raw));
    this.#placeholders.requireNone(text.ids);
    return this.#features(text);
  }

  /**
   * @throws SampleError as {@link process}; and for a document of more than `maxLength` tokens that would lose one of its places, unless
   *   `longDocuments` is `'cut'`
   * @throws ConfigError for a place of a slot that no placeholder is named for, where there are some for others
   */
  interleave(parts: readonly DocumentPart<TextValue>[]): Interleaved<TextRow> {
    const isChat = parts.some((part) => part.kind === 'own' && part.raw instanceof ChatText);
    const document = this.#written(parts, { addSpecialTokens: !isChat });
    const whole = document.encode(this.config.maxLength);
    if (isChat && whole.truncated && this.config.longDocuments !== 'cut')
      throw tooLongChat(document, this.config.maxLength);
    const { kept, text } = whole.truncated ? this.#cut(document, whole) : { kept: document, text: whole };
    this.#requireTokens(text, 'a document');
    this.#placeholders.requireNone(text.ids, text.places);
    const lost = parts.filter((part) => part.kind === 'place').find((_, place) => !kept.places.includes(place));
    if (lost && this.config.longDocuments !== 'cut') throw tooLong(document, lost, this.config.maxLength);
    return { features: this.#features(text), places: text.places };
  }

  #windows(texts: readonly [string, string?], options: Pick<LocateOptions, 'stride' | 'most'>): TextRow[] {
    const { locate } = this.tokenizer;
    if (!locate) throw withoutPlaces('tokenizer');
    const text = texts[1] ?? texts[0];
    const { windows, truncated } = locate.call(this.tokenizer, texts, { ...options, maxLength: this.config.maxLength });
    if (truncated && this.divide) throw tooManyWindows(text, this.config.maxLength);
    const begins = windows.map(({ offsets }, index) => (index === 0 ? 0 : offsets.find((at) => at >= 0)!));
    return windows.map(({ first, ids, typeIds, offsets, words }, index): TextRow => {
      this.#requireTokens({ ids, truncated }, describeValue(text));
      this.#placeholders.requireNone(ids);
      const features = this.#features({ ids, truncated });
      const tokenTypeIds = texts[1] === undefined ? {} : { tokenTypeIds: hostTensor(typeIds, [ids.length]) };
      if (!this.#locates) return { ...features, ...tokenTypeIds };
      const own = text.slice(begins[index], begins[index + 1]);
      const units = Uint16Array.from({ length: own.length }, (_, at) => own.charCodeAt(at));
      return {
        ...features,
        ...tokenTypeIds,
        offsets: hostTensor(offsets, [ids.length, 2]),
        words: hostTensor(words, [ids.length]),
        characters: hostTensor(units, [units.length]),
        firstToken: hostTensor(Int32Array.of(first), []),
      };
    });
  }

  /**
   * A conversation as its chat template writes it.
   *
   * @throws SampleError for turns that the template refuses, or where there is none
   * @throws ConfigError for a template that cannot be read
   */
  layOut(raw: unknown, host: string): readonly LaidOutPart[] | undefined {
    const turns = readConversation(raw, host);
    if (!turns) return undefined;
    const { chatTemplate, specialTokens } = this.config;
    if (chatTemplate === undefined) throw withoutTemplate();
    this.#chat ??= new ChatTemplate(chatTemplate, specialTokens);
    const placeholderOf = (slot: string) => this.#placeholders.named(slot);
    return layOutConversation(turns, { template: this.#chat, placeholderOf });
  }

  /** @throws ShapeError also for more tokens than `maxLength`, for which a model may have no positions */
  collate(rows: readonly TextRow[], lengths?: Lengths): TextFeatures {
    const { tokens } = commonLengths(
      rows.map((row) => this.shape(row)),
      lengths,
    );
    if (!rows.some(isPacked)) this.#requirePositions(tokens); // of texts that share a row, each has its own
    const inputIds = rows.map((row) => row.inputIds);
    const own = inputIds.map((ids) => ids.shape[0]);
    const mask = lengthMask(own, tokens);
    return {
      inputIds: padAndStack(inputIds, [tokens]),
      mask,
      ...collateAnswers(rows, tokens),
      ...collateTypes(rows, tokens),
      ...collatePlaces(rows, tokens),
      ...collateSegments(rows, own, tokens),
    };
  }

  shape({ inputIds }: TextRow) {
    const [length] = inputIds.shape;
    const bucket = bucketLength(length, this.config.bucketSize);
    const { maxLength } = this.config;
    return { lengths: { tokens: length > maxLength ? bucket : Math.min(bucket, maxLength) } }; // longer are texts that share a row
  }

  pack(rows: readonly TextRow[]): TextRow {
    return packedTexts(rows);
  }

  files(): Readonly<Record<string, Uint8Array>> {
    return this.tokenizer.files();
  }

  #written(parts: readonly DocumentPart<TextValue>[], options: DocumentEncodingOptions): WrittenDocument {
    let place = 0;
    const written = parts.map((part): WrittenPart => {
      if (part.kind === 'own') return { pieces: [ownPiece(part)] };
      const placeholder = this.#placeholders.of(part.slot);
      return { pieces: writtenPlace(part, placeholder, this.config.around?.[part.slot]), place: place++ };
    });
    return new WrittenDocument(written, this.tokenizer, options);
  }

  /** What there is room for; no place without all that is written there. */
  #cut(document: WrittenDocument, encoded: TokenizedDocument) {
    const kept = document.fitting(this.config.maxLength, encoded);
    const isAll = kept.parts.length === document.parts.length;
    const text = isAll ? encoded : { ...kept.encode(this.config.maxLength), truncated: true };
    return { kept, text };
  }

  #features({ ids, truncated, answers }: TokenizedText & Pick<TokenizedDocument, 'answers'>): TextRow {
    if (truncated) this.#truncatedTexts++;
    const kept = this.vocabSize <= 2 ** 16 ? Uint16Array.from(ids) : ids; // half the memory of a cache
    const inputIds = hostTensor(kept, [ids.length]);
    return answers ? { inputIds, answers: hostTensor(answers, [ids.length], 'float32') } : { inputIds };
  }

  #requireTokens({ ids }: TokenizedText, received: string): void {
    if (ids.length === 0) {
      throw new SampleError({
        expected: 'a text with at least one token',
        received,
        hint: 'This tokenizer adds no special tokens; leave the modality out where there is no text.',
      });
    }
    const unknown = ids.find((id) => id >= this.vocabSize);
    if (unknown === undefined) return;
    throw new SampleError({
      expected: `tokens of the model, whose ids lie below ${this.vocabSize}`,
      received: `token ${unknown} of the tokenizer in ${received}`,
      hint: 'The tokenizer.json has tokens that were added to it and not to the model.',
    });
  }

  #requirePositions(tokens: number): void {
    if (tokens <= this.config.maxLength) return;
    const expected = `at most ${this.config.maxLength}, the maxLength of the processor`;
    throw new ShapeError({ where: 'lengths.tokens', expected, received: String(tokens) });
  }
}

function ownPiece({ raw, where }: OwnPart<TextValue>): DocumentPiece {
  if (raw instanceof ChatText) return raw;
  try {
    return { text: requireText(raw) };
  } catch (error) {
    throw SampleError.isInstance(error) ? error.at(where) : error;
  }
}

/** The `processor` of text encoders. */
export const textProcessor = defineProcessor({
  config: textOptions,
  create: (config, setup) => new TextProcessor(config, createTokenizer(config.tokenizer, setup)),
});
