import {
  bucketLength,
  ConfigError,
  collatePlaces,
  collateSegments,
  commonLengths,
  type DividingProcessor,
  type DocumentPart,
  type DocumentPlace,
  defineProcessor,
  describeValue,
  type HostTensor1D,
  hostTensor,
  type Interleaved,
  type InterleavingProcessor,
  isPacked,
  type LaidOutPart,
  type Lengths,
  lengthMask,
  type OwnPart,
  PolymodalError,
  type ProcessorSetup,
  padAndStack,
  SampleError,
  ShapeError,
  sequenceFeatures,
  type TokenCodec,
} from '@polymodal/core';
import { readRegularFileSync } from '@polymodal/core/files';
import { z } from 'zod';
import { ByteTokenizer } from './byte-tokenizer';
import { ChatTemplate } from './chat/chat-template';
import { ChatText } from './chat/chat-text';
import { readConversation } from './chat/conversation';
import { layOutConversation } from './chat/lay-out-conversation';
import { type DocumentOptions, documentOptions, Placeholders } from './document-options';
import { FileTokenizer, tokenizerFileName } from './file-tokenizer';
import type { TextFeatures, TextRow } from './text-features';
import { isTextPair, type TextPair } from './text-pair';
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
  /** `'bytes'` for UTF-8 bytes, or the path of a Hugging Face tokenizer.json. A saved model keeps its own copy. */
  tokenizer: z.union([z.literal('bytes'), z.strictObject({ file: z.string().min(1) })]).default('bytes'),
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

/** What a {@link TextProcessor} reads, beside documents. */
export type TextValue = string | TextPair | ChatText;

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
    this.#codec ??= this.#makeCodec(); // one and the same, by which others keep what they know of its tokens
    return this.#codec;
  }

  #makeCodec(): TokenCodec<string> | undefined {
    const { vocabSize, tokenizer } = this;
    if (!tokenizer.encodePart || !tokenizer.decode) return undefined;
    return {
      vocabSize,
      endIds: this.config.endIds ?? tokenizer.endIds ?? [],
      closingId: tokenizer.closingId,
      maskId: tokenizer.maskId,
      specialIds: tokenizer.specialIds ?? [],
      ...(tokenizer.wordsOf && { wordsOf: (ids: ArrayLike<number>) => tokenizer.wordsOf!(ids) }),
      encode: (text, maxLength) => tokenizer.encodePart!(requireText(text), maxLength),
      decode: (ids) => tokenizer.decode!(ids),
      ...(tokenizer.decodeAll && { decodeAll: (ids: readonly number[]) => tokenizer.decodeAll!(ids) }),
      ...(tokenizer.growing && { growing: () => tokenizer.growing!() }),
      ...(tokenizer.bytesOf && { bytesOf: (id: number) => tokenizer.bytesOf!(id) }),
    };
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
    if (isChat && whole.truncated && this.config.longDocuments !== 'cut') throw this.#tooLongChat(document);
    const { kept, text } = whole.truncated ? this.#cut(document, whole) : { kept: document, text: whole };
    this.#requireTokens(text, 'a document');
    this.#placeholders.requireNone(text.ids, text.places);
    const lost = parts.filter((part) => part.kind === 'place').find((_, place) => !kept.places.includes(place));
    if (lost && this.config.longDocuments !== 'cut') throw this.#tooLong(document, lost);
    return { features: this.#features(text), places: text.places };
  }

  #windows(texts: readonly [string, string?], options: Pick<LocateOptions, 'stride' | 'most'>): TextRow[] {
    const { locate } = this.tokenizer;
    if (!locate) throw withoutPlaces('tokenizer');
    const text = texts[1] ?? texts[0];
    const { windows, truncated } = locate.call(this.tokenizer, texts, { ...options, maxLength: this.config.maxLength });
    if (truncated && this.divide) throw this.#tooManyWindows(text);
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

  #tooManyWindows(text: string): SampleError {
    return new SampleError({
      expected: `a text of at most ${mostWindows} windows of ${this.config.maxLength} tokens`,
      received: describeValue(text),
      hint: 'Shorten it, or raise maxLength.',
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
    const inputIds = concatenated(rows.map((row) => row.inputIds));
    if (!rows.some(({ answers }) => answers)) return { inputIds };
    const none = ({ shape }: HostTensor1D) => hostTensor(new Uint8Array(shape[0]), shape, 'float32');
    return { inputIds, answers: concatenated(rows.map((row) => row.answers ?? none(row.inputIds))) };
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

  /** How long it is is counted as far as a text may be that is only long. */
  #tooLong(document: WrittenDocument, { slot, where }: DocumentPlace): SampleError {
    const { maxLength } = this.config;
    const { ids, truncated } = document.encode(countedLengths * maxLength);
    return new SampleError({
      where,
      expected: `a document of at most ${maxLength} tokens, a placeholder for each value among them`,
      received: `${truncated ? 'more than ' : ''}${ids.length}, so that this place of "${slot}" would be cut off`,
      hint: 'Shorten it, raise maxLength, or have values dropped with their places: longDocuments: "cut".',
    });
  }

  #tooLongChat(document: WrittenDocument): SampleError {
    const { maxLength } = this.config;
    const { ids, truncated } = document.encode(countedLengths * maxLength);
    return new SampleError({
      expected: `a conversation of at most ${maxLength} tokens, what its template writes among them`,
      received: `one of ${truncated ? 'more than ' : ''}${ids.length}`,
      hint: 'Shorten it, raise maxLength, or have its end cut off: longDocuments: "cut".',
    });
  }

  #requirePositions(tokens: number): void {
    if (tokens <= this.config.maxLength) return;
    const expected = `at most ${this.config.maxLength}, the maxLength of the processor`;
    throw new ShapeError({ where: 'lengths.tokens', expected, received: String(tokens) });
  }
}

const countedLengths = 64;

function ownPiece({ raw, where }: OwnPart<TextValue>): DocumentPiece {
  if (raw instanceof ChatText) return raw;
  try {
    return { text: requireText(raw) };
  } catch (error) {
    throw SampleError.isInstance(error) ? error.at(where) : error;
  }
}

/** One behind the other. */
function concatenated(rows: readonly HostTensor1D[]): HostTensor1D {
  const [first] = rows;
  const data = (first.data.constructor as Uint16ArrayConstructor).from(rows.flatMap((row) => Array.from(row.data)));
  return { ...first, data, shape: [data.length] };
}

/** Those of P rows, where one of them is a conversation. */
function collateAnswers(rows: readonly TextRow[], length: number): Pick<TextFeatures, 'answers'> {
  if (!rows.some(({ answers }) => answers)) return {};
  const none = hostTensor(new Uint8Array(0), [0], 'float32');
  return {
    answers: padAndStack(
      rows.map(({ answers }) => answers ?? none),
      [length],
    ),
  };
}

/** Those of P rows, where one of them is a pair. */
function collateTypes(rows: readonly TextRow[], length: number): Pick<TextFeatures, 'tokenTypeIds'> {
  if (!rows.some(({ tokenTypeIds }) => tokenTypeIds)) return {};
  const none = hostTensor(new Int32Array(0), [0]);
  return {
    tokenTypeIds: padAndStack(
      rows.map(({ tokenTypeIds }) => tokenTypeIds ?? none),
      [length],
    ),
  };
}

/** No slot takes more values. */
const mostWindows = 1024;

/** A text, or the two of a pair. */
function textsOf(raw: TextValue): readonly [string, string?] {
  return isTextPair(raw) ? [raw.text, raw.pair] : [requireText(raw)];
}

function withoutPlaces(where: string): ConfigError {
  return new ConfigError({
    where,
    expected: 'a tokenizer that tells where its tokens stand: that of bytes, or of a tokenizer.json',
    received: 'one that puts something before texts, or fills them up',
    hint: 'A prompt of the folder is left out by { prompt: false }.',
  });
}

function withoutSeveral(stride: number | undefined): ConfigError {
  return new ConfigError({
    where: 'stride',
    expected: 'a slot with several, whose values windows are',
    received: `${stride} in one that takes a single value`,
    hint: 'Say `several: { most: 16, ordered: false }` too.',
  });
}

function withoutTemplate(): SampleError {
  return new SampleError({
    expected: 'a text or a document, since the slot has no chat template',
    received: 'a conversation',
    hint: "Say how it is written: { chatTemplate: '{% for message in messages %}…{% endfor %}' }; instruction models have a template in their folders.",
  });
}

function requireText(raw: unknown): string {
  if (typeof raw === 'string') return raw;
  throw new SampleError({
    expected: 'a string',
    received: describeValue(raw),
    hint: Array.isArray(raw)
      ? 'A document is a list of parts, each under the name of its slot: [{ text: … }, { image: … }].'
      : 'Leave the modality out (or undefined) where there is no text.',
  });
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
