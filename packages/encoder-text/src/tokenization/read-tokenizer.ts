import { FileFormatError } from '@polymodal/core';
import { z } from 'zod';
import { type AddedToken, AddedTokens } from './added-tokens';
import * as decoders from './decoders';
import { Bpe, type Merge } from './models/bpe';
import { type Model, Vocabulary } from './models/model';
import { Unigram } from './models/unigram';
import { wordLevel } from './models/word-level';
import { WordPiece } from './models/word-piece';
import * as normalizers from './normalizers';
import { LiteralPattern, type Pattern, RegularExpression } from './pattern/pattern';
import { Pipeline } from './pipeline';
import * as postProcessors from './post-processors';
import * as preTokenizers from './pre-tokenizers';
import { PrecompiledCharacters } from './precompiled-characters';
import type { Normalizer, PreTokenizer } from './text-parts';

/** How deep sequences of components may lie in each other. */
const maxDepth = 32;

/** The JSON of a component, or of a whole tokenizer.json. */
export type Json = Readonly<Record<string, unknown>>;

/** What a pipeline gets beside its tokenizer.json. */
export interface ReadOptions {
  /** Tokens that are added after those of the file. */
  readonly moreTokens?: readonly (readonly AddedToken[])[];
  /** Special tokens in a text are text like any other. */
  readonly splitsSpecialTokens?: boolean;
}

/**
 * The tokenizer of a tokenizer.json.
 *
 * @param where how error messages call it
 * @throws FileFormatError for what Python's tokenizers do not take, or for a component that is not done here, by its name
 */
export function readTokenizer(json: Json, where: string, options: ReadOptions = {}): Pipeline {
  const reader = new TokenizerReader(where);
  const { version } = json;
  if (version !== undefined && version !== '1.0') reader.refuse('version', '"1.0"', version);
  const model = reader.model(reader.object(json.model, 'model'));
  const normalizer = reader.optional(json.normalizer, 'normalizer', reader.normalizer);
  const preTokenizer = reader.optional(json.pre_tokenizer, 'pre_tokenizer', reader.preTokenizer);
  const postProcessor = reader.optional(json.post_processor, 'post_processor', reader.postProcessor);
  const decoder = reader.optional(json.decoder, 'decoder', reader.decoder);
  const addedTokens = new AddedTokens(model, normalizer, where, options.splitsSpecialTokens ?? false);
  addedTokens.add(reader.parse(addedTokenSchema.array(), json.added_tokens ?? [], 'added_tokens'));
  for (const tokens of options.moreTokens ?? []) addedTokens.add(tokens);
  reader.checkIds(addedTokens);
  const needsOrigin = JSON.stringify(json.pre_tokenizer ?? null).includes('"prepend_scheme":"first"');
  return new Pipeline({ addedTokens, model, preTokenizer, postProcessor, decoder, needsOrigin });
}

const id = z.int().min(0).max(0xffff_ffff);
const character = z.string().refine((text) => Array.from(text).length === 1, { error: 'expected one character' });
const count = z.int().min(0);

const addedTokenSchema = z
  .object({
    content: z.string(),
    single_word: z.boolean().default(false),
    lstrip: z.boolean().default(false),
    rstrip: z.boolean().default(false),
    normalized: z.boolean().optional(),
    special: z.boolean().default(false),
  })
  .transform((token): AddedToken => ({ ...token, normalized: token.normalized ?? !token.special }));

const patternSchema = z.union([z.strictObject({ String: z.string() }), z.strictObject({ Regex: z.string() })]);
const behavior = z.enum(['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous']);
const byteLevelSchema = z.object({
  add_prefix_space: z.boolean(),
  trim_offsets: z.boolean(),
  use_regex: z.boolean().default(true),
});
const metaspaceSchema = z
  .object({
    replacement: character,
    add_prefix_space: z.boolean().nullish(),
    prepend_scheme: z.enum(['first', 'never', 'always']).default('always'),
    split: z.boolean().nullish(),
  })
  .refine(({ add_prefix_space, prepend_scheme }) => add_prefix_space !== false || prepend_scheme === 'never', {
    error: 'add_prefix_space does not match prepend_scheme',
  });
const namedId = z.tuple([z.string(), id]);
const templatePiece = z.union([
  z.strictObject({ Sequence: z.object({ id: z.enum(['A', 'B']), type_id: id }) }),
  z.strictObject({ SpecialToken: z.object({ id: z.string(), type_id: id }) }),
]);

class TokenizerReader {
  constructor(readonly where: string) {}

  refuse(part: string, expected: string, received: unknown, cause?: unknown): never {
    const given = typeof received === 'string' ? received : (JSON.stringify(received)?.slice(0, 200) ?? 'nothing');
    throw new FileFormatError({
      where: this.where,
      expected: `a tokenizer.json with ${expected} as its ${part}`,
      received: `a file that cannot be used (${part}: ${given})`,
      hint: 'Save it in Python with tokenizer.save("tokenizer.json"), or take the tokenizer "bytes".',
      cause,
    });
  }

  parse<T>(schema: z.ZodType<T>, value: unknown, part: string): T {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    const [issue] = result.error.issues;
    return this.refuse([part, ...issue.path].join('.'), 'what Python’s tokenizers take', issue.message);
  }

  object(value: unknown, part: string): Json {
    return this.parse(z.record(z.string(), z.unknown()), value, part);
  }

  optional<T>(value: unknown, part: string, read: (value: unknown, part: string, depth: number) => T): T | undefined {
    return value === undefined || value === null ? undefined : read(value, part, 0);
  }

  /** A component, read by the reader of its type. */
  #component<T>(readers: Readonly<Record<string, (json: Json) => T>>, value: unknown, part: string, depth: number): T {
    if (depth > maxDepth) this.refuse(part, `sequences that lie in no more than ${maxDepth} others`, 'more of them');
    const json = this.object(value, part);
    const { type } = json;
    if (typeof type !== 'string' || !Object.hasOwn(readers, type)) {
      this.refuse(part, `one of ${Object.keys(readers).join(', ')}`, `type ${JSON.stringify(type)?.slice(0, 200)}`);
    }
    return readers[type](json);
  }

  #list<T>(value: unknown, part: string, depth: number, read: (value: unknown, part: string, depth: number) => T): T[] {
    return this.parse(z.array(z.unknown()), value, part).map((each, index) =>
      read(each, `${part}.${index}`, depth + 1),
    );
  }

  #pattern(value: unknown, part: string): Pattern {
    const pattern = this.parse(patternSchema, value, part);
    if ('Regex' in pattern) return new RegularExpression(pattern.Regex, this.where);
    return pattern.String === '' ? new RegularExpression('', part) : new LiteralPattern(pattern.String);
  }

  readonly normalizer = (value: unknown, part: string, depth: number): Normalizer => {
    const parse = <T>(schema: z.ZodType<T>, json: Json) => this.parse(schema, json, part);
    const bert = (json: Json) =>
      normalizers.bertNormalizer(
        parse(
          z.object({
            clean_text: z.boolean(),
            handle_chinese_chars: z.boolean(),
            strip_accents: z
              .boolean()
              .nullish()
              .transform((each) => each ?? null),
            lowercase: z.boolean(),
          }),
          json,
        ),
      );
    return this.#component<Normalizer>(
      {
        BertNormalizer: bert,
        Bert: bert,
        Strip: (json) => {
          const { strip_left, strip_right } = parse(
            z.object({ strip_left: z.boolean(), strip_right: z.boolean() }),
            json,
          );
          return normalizers.strip({ left: strip_left, right: strip_right });
        },
        StripAccents: () => normalizers.stripAccents,
        NFC: () => normalizers.normalFormNormalizer('NFC'),
        NFD: () => normalizers.normalFormNormalizer('NFD'),
        NFKC: () => normalizers.normalFormNormalizer('NFKC'),
        NFKD: () => normalizers.normalFormNormalizer('NFKD'),
        Sequence: (json) =>
          normalizers.sequence(this.#list(json.normalizers, `${part}.normalizers`, depth, this.normalizer)),
        Lowercase: () => normalizers.lowercase,
        Nmt: () => normalizers.nmt,
        Precompiled: (json) => {
          const { precompiled_charsmap } = parse(z.object({ precompiled_charsmap: z.base64() }), json);
          const table = Uint8Array.from(atob(precompiled_charsmap), (each) => each.charCodeAt(0));
          return normalizers.precompiled(new PrecompiledCharacters(table, this.where));
        },
        Replace: (json) => {
          const { content } = parse(z.object({ content: z.string() }), json);
          return normalizers.replace(this.#pattern(json.pattern, `${part}.pattern`), content);
        },
        Prepend: (json) => normalizers.prepend(parse(z.object({ prepend: z.string() }), json).prepend),
        ByteLevel: () => normalizers.byteLevel,
      },
      value,
      part,
      depth,
    );
  };

  readonly preTokenizer = (value: unknown, part: string, depth: number): PreTokenizer => {
    const parse = <T>(schema: z.ZodType<T>, json: Json) => this.parse(schema, json, part);
    const delimiter = (json: Json) => {
      const point = parse(z.object({ delimiter: character }), json).delimiter.codePointAt(0)!;
      return preTokenizers.characterSplitter((each) => each === point, 'Removed');
    };
    return this.#component<PreTokenizer>(
      {
        BertPreTokenizer: () => preTokenizers.bert,
        ByteLevel: (json) => preTokenizers.byteLevel(parse(byteLevelSchema, json)),
        CharDelimiterSplit: delimiter,
        Delimiter: delimiter,
        Metaspace: (json) => {
          const { replacement, prepend_scheme, split } = parse(metaspaceSchema, json);
          return preTokenizers.metaspace({ replacement, prependScheme: prepend_scheme, split: split ?? true });
        },
        Whitespace: () => preTokenizers.whitespace,
        Sequence: (json) =>
          preTokenizers.preTokenizerSequence(
            this.#list(json.pretokenizers, `${part}.pretokenizers`, depth, this.preTokenizer),
          ),
        Split: (json) => {
          const options = parse(z.object({ behavior, invert: z.boolean() }), json);
          return preTokenizers.split(this.#pattern(json.pattern, `${part}.pattern`), options.behavior, options.invert);
        },
        Punctuation: (json) =>
          preTokenizers.punctuation(parse(z.object({ behavior: behavior.default('Isolated') }), json).behavior),
        WhitespaceSplit: () => preTokenizers.whitespaceSplit,
        Digits: (json) =>
          preTokenizers.digits(parse(z.object({ individual_digits: z.boolean() }), json).individual_digits),
        UnicodeScripts: () => preTokenizers.unicodeScripts,
        FixedLength: (json) =>
          preTokenizers.fixedLength(parse(z.object({ length: z.int().min(1).default(5) }), json).length),
      },
      value,
      part,
      depth,
    );
  };

  readonly postProcessor = (value: unknown, part: string, depth: number): postProcessors.PostProcessor => {
    const parse = <T>(schema: z.ZodType<T>, json: Json) => this.parse(schema, json, part);
    const ends = (json: Json) => {
      const { cls, sep } = parse(z.object({ cls: namedId, sep: namedId }), json);
      const special = ([token, each]: [string, number]) => ({ ids: [each], tokens: [token] });
      return { cls: special(cls), sep: special(sep) };
    };
    return this.#component<postProcessors.PostProcessor>(
      {
        BertProcessing: (json) => {
          const { cls, sep } = ends(json);
          return postProcessors.bertProcessing(cls, sep);
        },
        RobertaProcessing: (json) => {
          const { cls, sep } = ends(json);
          const options = parse(z.object({ trim_offsets: z.boolean(), add_prefix_space: z.boolean() }), json);
          return postProcessors.robertaProcessing(cls, sep, options);
        },
        ByteLevel: (json) => postProcessors.byteLevelProcessing(parse(byteLevelSchema, json)),
        TemplateProcessing: (json) => postProcessors.templateProcessing(this.#templates(json, part)),
        Sequence: (json) =>
          postProcessors.postProcessorSequence(
            this.#list(json.processors, `${part}.processors`, depth, this.postProcessor),
          ),
      },
      value,
      part,
      depth,
    );
  };

  #templates(json: Json, part: string): postProcessors.Templates {
    const { single, pair, special_tokens } = this.parse(
      z.object({
        single: templatePiece.array(),
        pair: templatePiece.array(),
        special_tokens: z.record(z.string(), z.object({ id: z.string(), ids: id.array(), tokens: z.string().array() })),
      }),
      json,
      part,
    );
    const read = (template: typeof single, name: string): postProcessors.TemplatePiece[] => {
      const pieces = template.map((piece): postProcessors.TemplatePiece => {
        if ('Sequence' in piece) {
          return { kind: 'sequence', index: piece.Sequence.id === 'A' ? 0 : 1, typeId: piece.Sequence.type_id };
        }
        const { id: token, type_id } = piece.SpecialToken;
        if (!Object.hasOwn(special_tokens, token)) {
          this.refuse(`${part}.special_tokens`, `the token ${JSON.stringify(token)}`, 'tokens without it');
        }
        return { kind: 'special', token: special_tokens[token], typeId: type_id };
      });
      const places = pieces.flatMap((piece) => (piece.kind === 'sequence' ? [piece.index] : []));
      if (new Set(places).size < places.length)
        this.refuse(`${part}.${name}`, 'each text once', 'one that comes again');
      if (name === 'single' && places.includes(1)) this.refuse(`${part}.single`, 'one text', 'a second one');
      return pieces;
    };
    return { single: read(single, 'single'), pair: read(pair, 'pair') };
  }

  readonly decoder = (value: unknown, part: string, depth: number): decoders.Decoder => {
    const parse = <T>(schema: z.ZodType<T>, json: Json) => this.parse(schema, json, part);
    return this.#component<decoders.Decoder>(
      {
        BPEDecoder: (json) => decoders.bpeDecoder(parse(z.object({ suffix: z.string() }), json).suffix),
        ByteLevel: () => decoders.byteLevelDecoder,
        WordPiece: (json) =>
          decoders.wordPieceDecoder(parse(z.object({ prefix: z.string(), cleanup: z.boolean() }), json)),
        Metaspace: (json) => {
          const { replacement, prepend_scheme } = parse(metaspaceSchema, json);
          return decoders.metaspaceDecoder({ replacement, prependScheme: prepend_scheme });
        },
        CTC: (json) =>
          decoders.ctcDecoder(
            parse(z.object({ pad_token: z.string(), word_delimiter_token: z.string(), cleanup: z.boolean() }), json),
          ),
        Sequence: (json) =>
          decoders.decoderSequence(this.#list(json.decoders, `${part}.decoders`, depth, this.decoder)),
        Replace: (json) => {
          const { content } = parse(z.object({ content: z.string() }), json);
          return decoders.replaceDecoder(this.#pattern(json.pattern, `${part}.pattern`), content);
        },
        Fuse: () => decoders.fuseDecoder,
        Strip: (json) =>
          decoders.stripDecoder(parse(z.object({ content: character, start: count, stop: count }), json)),
        ByteFallback: () => decoders.byteFallbackDecoder,
      },
      value,
      part,
      depth,
    );
  };

  model(json: Json): Model {
    const type = json.type ?? this.#typeOf(json);
    switch (type) {
      case 'BPE':
        return this.#bpe(json);
      case 'WordPiece': {
        const options = this.parse(
          z.object({
            unk_token: z.string().default('[UNK]'),
            continuing_subword_prefix: z.string().default('##'),
            max_input_chars_per_word: count.default(100),
          }),
          json,
          'model',
        );
        return new WordPiece(this.#vocabulary(json.vocab), {
          unknownToken: options.unk_token,
          continuingSubwordPrefix: options.continuing_subword_prefix,
          maxInputCharsPerWord: options.max_input_chars_per_word,
        });
      }
      case 'WordLevel':
        return wordLevel(this.#vocabulary(json.vocab), this.parse(z.string(), json.unk_token, 'model.unk_token'));
      case 'Unigram':
        return this.#unigram(json);
      default:
        return this.refuse(
          'model',
          'one of BPE, WordPiece, WordLevel, Unigram',
          `type ${JSON.stringify(type)?.slice(0, 200)}`,
        );
    }
  }

  /** Early files leave it out. */
  #typeOf(json: Json): string {
    if (json.merges !== undefined) return 'BPE';
    if (json.continuing_subword_prefix !== undefined) return 'WordPiece';
    return Array.isArray(json.vocab) ? 'Unigram' : 'WordLevel';
  }

  #bpe(json: Json): Bpe {
    const text = z
      .string()
      .nullish()
      .transform((each) => each ?? undefined);
    const flag = z
      .boolean()
      .nullish()
      .transform((each) => each ?? false);
    const options = this.parse(
      z.object({
        dropout: z.number().min(0).max(1).nullish(),
        unk_token: text,
        continuing_subword_prefix: text,
        end_of_word_suffix: text,
        fuse_unk: flag,
        byte_fallback: flag,
        ignore_merges: flag,
      }),
      json,
      'model',
    );
    if (options.dropout) this.refuse('model.dropout', 'none, since tokens must not be left to chance', options.dropout);
    const vocabulary = this.#vocabulary(json.vocab);
    const prefix = options.continuing_subword_prefix ?? '';
    return new Bpe(vocabulary, this.#merges(json.merges, vocabulary, prefix), {
      unknownToken: options.unk_token,
      continuingSubwordPrefix: options.continuing_subword_prefix,
      endOfWordSuffix: options.end_of_word_suffix,
      fuseUnknown: options.fuse_unk,
      byteFallback: options.byte_fallback,
      ignoreMerges: options.ignore_merges,
    });
  }

  /** Pairs, or in early files texts with a space between. */
  #merges(value: unknown, { ids }: Vocabulary, prefix: string): Merge[] {
    if (!Array.isArray(value)) this.refuse('model.merges', 'a list of pairs', value);
    const areTexts = typeof value[0] === 'string';
    const lines = areTexts ? value.filter((line) => typeof line !== 'string' || !line.startsWith('#version')) : value;
    return lines.map((line: unknown): Merge => {
      const pair: unknown = areTexts && typeof line === 'string' ? line.split(' ') : line;
      const isPair = Array.isArray(pair) && pair.length === 2 && pair.every((each) => typeof each === 'string');
      if (!isPair) this.refuse('model.merges', 'pairs of tokens', line);
      const [first, second] = pair as [string, string];
      if (prefix !== '' && !second.startsWith(prefix)) {
        this.refuse('model.merges', `pairs whose second token begins with ${JSON.stringify(prefix)}`, line);
      }
      const merged = first + second.slice(prefix.length);
      const missing = [first, second, merged].find((token) => !ids.has(token));
      if (missing !== undefined) this.refuse('model.merges', 'tokens of the vocabulary', `${JSON.stringify(missing)}`);
      return { first, second, merged };
    });
  }

  #unigram(json: Json): Unigram {
    const { unk_id, byte_fallback } = this.parse(
      z.object({ unk_id: count.nullish(), byte_fallback: z.boolean().default(false) }),
      json,
      'model',
    );
    const { vocab } = json;
    if (!Array.isArray(vocab)) this.refuse('model.vocab', 'a list of tokens with their scores', vocab);
    const entries = vocab.map((entry: unknown): [string, number] => {
      const isEntry = Array.isArray(entry) && entry.length === 2 && isText(entry[0]) && typeof entry[1] === 'number';
      if (!isEntry) this.refuse('model.vocab', 'tokens with their scores', entry);
      return entry as [string, number];
    });
    if (entries.length === 0) this.refuse('model.vocab', 'tokens', 'its vocabulary is empty');
    const unknownId = unk_id ?? undefined;
    if (unknownId !== undefined && unknownId >= entries.length)
      this.refuse('model.unk_id', 'a token of the vocabulary', unk_id);
    return new Unigram(entries, { unknownId, byteFallback: byte_fallback });
  }

  #vocabulary(value: unknown): Vocabulary {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.refuse('model.vocab', 'tokens with their ids', value);
    }
    const entries: [string, unknown][] = Object.entries(value);
    if (entries.length === 0) this.refuse('model.vocab', 'tokens', 'its vocabulary is empty');
    for (const [token, each] of entries) {
      if (!isText(token) || !isId(each)) this.refuse('model.vocab', 'tokens with their ids', { [token]: each });
    }
    return new Vocabulary(entries as [string, number][]);
  }

  /** Ids make rows of a table; a few bytes must not ask for more memory than there is. */
  checkIds({ ids, model }: AddedTokens): void {
    const limit = 4 * (model.vocabulary.size + ids.size) + 65_536;
    for (const tokens of [model.vocabulary.ids, ids]) {
      for (const [token, each] of tokens) {
        if (each >= limit)
          this.refuse('ids', `ids below ${limit} for so few tokens`, `${each} for ${JSON.stringify(token)}`);
      }
    }
  }
}

function isId(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffff_ffff;
}

/** Whether it is a text without halves of surrogates, which no UTF-8 has. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && !/\p{Surrogate}/u.test(value);
}
