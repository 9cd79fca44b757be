import type { Json } from './read-tokenizer';

/** The special tokens that Python's classes know by name, in its order. */
export const specialTokenNames = [
  'bos_token',
  'eos_token',
  'unk_token',
  'sep_token',
  'pad_token',
  'cls_token',
  'mask_token',
] as const;

type SpecialTokenName = (typeof specialTokenNames)[number];
export type SpecialTokenTexts = Readonly<Partial<Record<SpecialTokenName, string>>>;

/** A tokenizer class of transformers that makes the parts of a tokenizer itself, and takes of the file only its vocabulary. */
export interface TokenizerClass {
  /** The type of model that it is for. */
  readonly model: string;
  /** Of the special tokens that are not given. */
  readonly defaults: SpecialTokenTexts;
  /** Keys of tokenizer_config.json that it reads. */
  readonly options: readonly string[];
  /** The parts that it makes; those it leaves out are the file's. */
  parts(file: Json, config: Json, tokens: SpecialTokenTexts): Json;
  /** The special tokens that it puts around texts; undefined if those of the file. */
  postProcessor?(tokens: SpecialTokenTexts, idOf: (token: string) => number | undefined, config: Json): Json;
}

const byteLevel = (addPrefixSpace: unknown, useRegex = true) => ({
  type: 'ByteLevel',
  add_prefix_space: addPrefixSpace === true,
  trim_offsets: true,
  use_regex: useRegex,
});

const roberta = {
  bos_token: '<s>',
  eos_token: '</s>',
  sep_token: '</s>',
  cls_token: '<s>',
  unk_token: '<unk>',
  pad_token: '<pad>',
  mask_token: '<mask>',
};

const qwen2Pattern = String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
const clipPattern = String.raw`<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`;

/** As in transformers 5.24, by name. */
export const tokenizerClasses: Readonly<Record<string, TokenizerClass>> = {
  BertTokenizer: {
    model: 'WordPiece',
    defaults: { unk_token: '[UNK]', sep_token: '[SEP]', pad_token: '[PAD]', cls_token: '[CLS]', mask_token: '[MASK]' },
    options: ['do_lower_case', 'tokenize_chinese_chars', 'strip_accents'],
    parts: (file, config, { unk_token }) => ({
      model: {
        ...modelOf(file),
        unk_token,
        continuing_subword_prefix: '##',
        max_input_chars_per_word: 100,
      },
      normalizer: {
        type: 'BertNormalizer',
        clean_text: true,
        handle_chinese_chars: config.tokenize_chinese_chars ?? true,
        strip_accents: config.strip_accents ?? null,
        lowercase: config.do_lower_case ?? true,
      },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    }),
    postProcessor: ({ cls_token = '', sep_token = '' }, idOf) =>
      template([cls_token, 0, 'A', 0, sep_token, 0], [cls_token, 0, 'A', 0, sep_token, 0, 'B', 1, sep_token, 1], {
        [cls_token]: idOf(cls_token) ?? 2,
        [sep_token]: idOf(sep_token) ?? 3,
      }),
  },
  RobertaTokenizer: {
    model: 'BPE',
    defaults: roberta,
    options: ['add_prefix_space', 'trim_offsets'],
    parts: (file, config) => ({
      model: bpe(file, {}),
      normalizer: null,
      pre_tokenizer: byteLevel(config.add_prefix_space),
      decoder: byteLevel(false),
    }),
    postProcessor: ({ cls_token = '', sep_token = '' }, idOf, config) => ({
      type: 'RobertaProcessing',
      sep: [sep_token, idOf(sep_token) ?? 0],
      cls: [cls_token, idOf(cls_token) ?? 0],
      trim_offsets: config.trim_offsets ?? true,
      add_prefix_space: config.add_prefix_space === true,
    }),
  },
  XLMRobertaTokenizer: {
    model: 'Unigram',
    defaults: roberta,
    options: ['add_prefix_space'],
    parts(file, config) {
      const marks = {
        type: 'Metaspace',
        replacement: '▁',
        prepend_scheme: config.add_prefix_space === false ? 'never' : 'always',
      };
      return {
        model: { ...modelOf(file), unk_id: 3, byte_fallback: false },
        normalizer: charsmapOf(file),
        pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, { ...marks, split: true }] },
        decoder: { ...marks, split: true },
      };
    },
    postProcessor: ({ bos_token = '', eos_token = '' }, idOf) =>
      template(
        [bos_token, 0, 'A', 0, eos_token, 0],
        [bos_token, 0, 'A', 0, eos_token, 0, eos_token, 0, 'B', 0, eos_token, 0],
        {
          [bos_token]: idOf(bos_token) ?? 0,
          [eos_token]: idOf(eos_token) ?? 0,
        },
      ),
  },
  GPT2Tokenizer: {
    model: 'BPE',
    defaults: { unk_token: '<|endoftext|>', bos_token: '<|endoftext|>', eos_token: '<|endoftext|>' },
    options: ['add_prefix_space'],
    parts: (file, config) => ({
      model: bpe(file, {}),
      normalizer: null,
      pre_tokenizer: byteLevel(config.add_prefix_space),
      decoder: byteLevel(false),
    }),
  },
  LlamaTokenizer: {
    model: 'BPE',
    defaults: { unk_token: '<unk>', bos_token: '<s>', eos_token: '</s>' },
    options: ['add_prefix_space', 'legacy'],
    parts(file, config) {
      const addsSpace = config.add_prefix_space !== false;
      const scheme = config.legacy === true ? 'always' : 'first';
      const strip = addsSpace ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : [];
      return {
        model: {
          ...bpe(file, { fuse_unk: true, byte_fallback: true }),
          continuing_subword_prefix: null,
          end_of_word_suffix: null,
        },
        normalizer: null,
        pre_tokenizer: {
          type: 'Metaspace',
          replacement: '▁',
          prepend_scheme: addsSpace ? scheme : 'never',
          split: false,
        },
        decoder: {
          type: 'Sequence',
          decoders: [
            { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
            { type: 'ByteFallback' },
            { type: 'Fuse' },
            ...strip,
          ],
        },
      };
    },
  },
  Qwen2Tokenizer: {
    model: 'BPE',
    defaults: { unk_token: '<|endoftext|>', eos_token: '<|endoftext|>', pad_token: '<|endoftext|>' },
    options: ['add_prefix_space'],
    parts: (file, config) => ({
      model: bpe(file, {}),
      normalizer: { type: 'NFC' },
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          { type: 'Split', pattern: { Regex: qwen2Pattern }, behavior: 'Isolated', invert: false },
          byteLevel(config.add_prefix_space, false),
        ],
      },
      decoder: byteLevel(false),
    }),
  },
  CLIPTokenizer: {
    model: 'BPE',
    defaults: {
      unk_token: '<|endoftext|>',
      bos_token: '<|startoftext|>',
      eos_token: '<|endoftext|>',
      pad_token: '<|endoftext|>',
    },
    options: [],
    parts: (file, _, { unk_token }) => ({
      model: { ...bpe(file, {}), unk_token, end_of_word_suffix: '</w>' },
      normalizer: {
        type: 'Sequence',
        normalizers: [
          { type: 'NFC' },
          { type: 'Replace', pattern: { Regex: String.raw`\s+` }, content: ' ' },
          { type: 'Lowercase' },
        ],
      },
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          { type: 'Split', pattern: { Regex: clipPattern }, behavior: 'Removed', invert: true },
          byteLevel(false),
        ],
      },
    }),
    postProcessor: ({ bos_token = '', eos_token = '' }, idOf) => ({
      type: 'RobertaProcessing',
      sep: [eos_token, idOf(eos_token) ?? 0],
      cls: [bos_token, idOf(bos_token) ?? 0],
      trim_offsets: false,
      add_prefix_space: false,
    }),
  },
};

/** The classes that `AutoTokenizer` takes for models whose files name none. */
export const classesOfModels: Readonly<Record<string, string>> = {
  bert: 'BertTokenizer',
  clap: 'RobertaTokenizer',
  clip: 'CLIPTokenizer',
  gpt2: 'GPT2Tokenizer',
  qwen2: 'Qwen2Tokenizer',
  roberta: 'RobertaTokenizer',
  'xlm-roberta': 'XLMRobertaTokenizer',
};

/** A template of special tokens, `'A'` and `'B'`, each followed by its type. */
function template(
  single: readonly (string | number)[],
  pair: readonly (string | number)[],
  ids: Readonly<Record<string, number>>,
): Json {
  const pieces = (parts: readonly (string | number)[]) =>
    parts.flatMap((id, index) => {
      if (index % 2 === 1) return [];
      const type_id = parts[index + 1];
      return [id === 'A' || id === 'B' ? { Sequence: { id, type_id } } : { SpecialToken: { id, type_id } }];
    });
  const special_tokens = Object.fromEntries(
    Object.entries(ids).map(([token, id]) => [token, { id: token, ids: [id], tokens: [token] }]),
  );
  return { type: 'TemplateProcessing', single: pieces(single), pair: pieces(pair), special_tokens };
}

function modelOf({ model }: Json): Json {
  return model as Json;
}

function bpe(file: Json, options: Json): Json {
  const { vocab, merges } = modelOf(file);
  return { type: 'BPE', vocab, merges, continuing_subword_prefix: '', end_of_word_suffix: '', ...options };
}

/** The table of a SentencePiece model, where the file has one. */
function charsmapOf({ normalizer }: Json): Json | null {
  const whole = (normalizer ?? {}) as Json;
  const parts = (whole.type === 'Sequence' ? whole.normalizers : [whole]) as readonly Json[];
  return parts.find(({ type }) => type === 'Precompiled') ?? null;
}
