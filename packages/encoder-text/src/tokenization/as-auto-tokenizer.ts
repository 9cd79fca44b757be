import type { AddedToken } from './added-tokens';
import type { Json, ReadOptions } from './read-tokenizer';
import { classesOfModels, type SpecialTokenTexts, specialTokenNames, tokenizerClasses } from './tokenizer-classes';
import type { TruncationSide } from './truncate';

/** What stands beside a tokenizer.json, parsed. */
export interface TokenizerSettings {
  /** `tokenizer_config.json` */
  readonly config: Json;
  /** `special_tokens_map.json` */
  readonly specialTokens: Json;
  /** Of `config.json`. */
  readonly modelType: string | undefined;
}

/** A tokenizer.json as Python's `AutoTokenizer` changes it, and what else it does. */
export interface AutoTokenizer extends ReadOptions {
  readonly json: Json;
  readonly truncationSide: TruncationSide;
  /** Spaces before punctuation are taken out of decoded texts. */
  readonly cleansUp: boolean;
}

/**
 * Applies `tokenizer_config.json` and `special_tokens_map.json` as transformers 5.24 does. (It passes over `add_bos_token` and
 * `add_eos_token` where there is a tokenizer.json, whose post_processor says which tokens are put around a text.)
 *
 * Most of its classes build their tokenizer themselves, from the vocabulary of the file and the options of the config. A class
 * for another type of model than the file has is passed over, and so are all classes where the config says nothing that one of
 * them reads.
 */
export function asAutoTokenizer(file: Json, settings: TokenizerSettings): AutoTokenizer {
  const config = withSpecialTokens(settings);
  const made = classOf(file, config, settings.modelType);
  const given = tokensOf(config);
  const tokens: SpecialTokenTexts = { ...paddingOf(file), ...made?.defaults, ...given };
  const ofFile = (file.added_tokens ?? []) as readonly (AddedToken & { readonly id: number })[];
  const parts = made ? keepingLowercase(file, made.parts(file, config, tokens)) : {};
  const json = made ? { ...file, ...parts, added_tokens: [] } : file;
  const added = moreTokens(config, made ? [] : ofFile, ofFile, tokens);
  const idOf = idFinder(json, made ? [] : ofFile, added);
  const postProcessor = made?.postProcessor?.(tokens, idOf, config) ?? file.post_processor;
  return {
    json: { ...json, post_processor: postProcessor },
    moreTokens: [added],
    splitsSpecialTokens: config.split_special_tokens === true,
    truncationSide: sideOf(config, file),
    cleansUp: config.clean_up_tokenization_spaces === true && (file.model as Json).type !== 'BPE',
  };
}

/** Without `added_tokens_decoder`, special_tokens_map.json counts more than the config. */
function withSpecialTokens({ config, specialTokens }: TokenizerSettings): Json {
  const whole = config.added_tokens_decoder === undefined ? { ...config, ...specialTokens } : config;
  const extra = whole.extra_special_tokens ?? whole.additional_special_tokens;
  return { ...whole, extra_special_tokens: extra };
}

function classOf(file: Json, config: Json, modelType: string | undefined) {
  const named = typeof config.tokenizer_class === 'string' ? config.tokenizer_class.replace(/Fast$/, '') : undefined;
  const registered = modelType === undefined ? undefined : classesOfModels[modelType];
  if (named === 'LlamaTokenizer' && modelType !== 'qwen2' && hasByteLevel(file)) {
    return undefined; // the files of Llama 3
  }
  const name = modelType === 'qwen2' ? registered : (named ?? registered);
  const found = name !== undefined && Object.hasOwn(tokenizerClasses, name) ? tokenizerClasses[name] : undefined;
  const model = file.model as Json;
  const fits = found && (model.type ?? found.model) === found.model;
  const isAsked = named !== undefined || found?.options.some((option) => config[option] !== undefined);
  return fits && isAsked ? found : undefined;
}

/** Python looks for the word in the file, be it a component or a token. */
function hasByteLevel({ normalizer, pre_tokenizer, decoder, post_processor, model }: Json): boolean {
  const isComponent = JSON.stringify([normalizer, pre_tokenizer, decoder, post_processor]).includes('"ByteLevel"');
  return isComponent || Object.hasOwn((model as Json).vocab ?? {}, 'ByteLevel');
}

/** What sentence-transformers lowers before all else stays so. */
function keepingLowercase(file: Json, parts: Json): Json {
  const before = (file.normalizer ?? {}) as Json;
  const first = before.type === 'Sequence' ? (before.normalizers as readonly Json[])[0] : undefined;
  if (first?.type !== 'Lowercase') return parts;
  const rest = parts.normalizer ? [parts.normalizer] : [];
  return { ...parts, normalizer: { type: 'Sequence', normalizers: [first, ...rest] } };
}

/** The token that the file fills texts with is one with a name. */
function paddingOf({ padding }: Json): SpecialTokenTexts {
  const { pad_token } = (padding ?? {}) as { pad_token?: unknown };
  return typeof pad_token === 'string' ? { pad_token } : {};
}

function tokensOf(config: Json): SpecialTokenTexts {
  const entries = specialTokenNames.map((name) => [name, contentOf(config[name])] as const);
  return Object.fromEntries(entries.filter(([, content]) => content !== undefined));
}

/** Those of `added_tokens_decoder`, the special ones that have a name, and `extra_special_tokens`. */
function moreTokens(
  config: Json,
  existing: readonly AddedToken[],
  ofFile: readonly (AddedToken & { readonly id: number })[],
  tokens: SpecialTokenTexts,
): AddedToken[] {
  const decoder = config.added_tokens_decoder as Readonly<Record<string, AddedToken>> | undefined;
  const listed = decoder ? Object.entries(decoder).map(([id, token]) => ({ ...token, id: Number(id) })) : ofFile;
  const named = Object.values(tokens);
  const added = [...listed]
    .sort((a, b) => a.id - b.id)
    .filter((token) => !existing.some((each) => isSame(each, token)))
    .map((token) => withDefaults({ ...token, special: token.special || named.includes(token.content) }));
  const known = new Set([...existing, ...added].map(({ content }) => content));
  const extra = (Array.isArray(config.extra_special_tokens) ? config.extra_special_tokens : []) as unknown[];
  for (const name of specialTokenNames) put(config[name] ?? tokens[name]);
  for (const token of extra) put(token);
  return added;

  function put(token: unknown): void {
    const content = contentOf(token);
    if (content === undefined || known.has(content)) return;
    known.add(content);
    const properties = typeof token === 'object' ? (token as AddedToken) : undefined;
    added.push(withDefaults({ ...properties, content, special: true }));
  }
}

function withDefaults(token: Partial<AddedToken> & { readonly content: string }): AddedToken {
  const { content, single_word = false, lstrip = false, rstrip = false, special = false } = token;
  return { content, single_word, lstrip, rstrip, special, normalized: token.normalized ?? !special };
}

function isSame(one: AddedToken, other: AddedToken): boolean {
  const [a, b] = [withDefaults(one), withDefaults(other)];
  return (Object.keys(a) as (keyof AddedToken)[]).every((key) => a[key] === b[key]);
}

function idFinder(json: Json, existing: readonly AddedToken[], added: readonly AddedToken[]) {
  const { vocab } = json.model as Json;
  const ids = new Map<string, number>(
    Array.isArray(vocab)
      ? vocab.map(([token], id) => [token, id])
      : Object.entries((vocab ?? {}) as Record<string, number>),
  );
  let next = ids.size;
  for (const { content } of [...existing, ...added]) if (!ids.has(content)) ids.set(content, next++);
  return (token: string) => ids.get(token);
}

function sideOf(config: Json, file: Json): TruncationSide {
  const { direction } = (file.truncation ?? {}) as { direction?: unknown };
  const side = config.truncation_side ?? (typeof direction === 'string' ? direction.toLowerCase() : 'right');
  return side === 'left' ? 'left' : 'right';
}

/** A special token as text: it stands alone, or with how it is split off. */
export function contentOf(token: unknown): string | undefined {
  if (typeof token === 'string') return token;
  return typeof token === 'object' && token !== null && 'content' in token ? String(token.content) : undefined;
}
