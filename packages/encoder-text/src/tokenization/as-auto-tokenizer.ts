import type { AddedToken } from './added-tokens';
import { classFor } from './classes/class-for';
import { type SpecialTokenTexts, specialTokenNames, type TokenizerClass } from './classes/tokenizer-class';
import { withoutSpaces } from './decoders';
import type { Json } from './read/file-part';
import type { ReadOptions } from './read/read-tokenizer';
import type { TextChange } from './text-change';
import type { TokenizerSettings } from './tokenizer-settings';
import type { TruncationSide } from './truncate';

/** A tokenizer.json as Python's `AutoTokenizer` changes it, and what else it does. */
export interface AutoTokenizer extends ReadOptions {
  readonly json: Json;
  readonly truncationSide: TruncationSide;
  /** The texts of special tokens, by their names. */
  readonly specialTokens: SpecialTokenTexts;
  /** What is done to decoded texts, one after the other. */
  readonly afterDecoding: readonly TextChange[];
}

/**
 * Applies `tokenizer_config.json` and `special_tokens_map.json` as transformers 5.24 does. (It passes over `add_bos_token` and
 * `add_eos_token` where there is a tokenizer.json, whose post_processor says which tokens are put around a text.)
 *
 * Most of its classes build their tokenizer themselves, from the vocabulary of the file and the options of the config.
 *
 * @throws FileFormatError for a class that is not followed here
 */
export function asAutoTokenizer(file: Json, settings: TokenizerSettings): AutoTokenizer {
  const config = withSpecialTokens(settings);
  const made = classFor(file, config, settings);
  const given = tokensOf(config);
  const tokens: SpecialTokenTexts = { ...paddingOf(file), ...made?.defaults, ...given };
  const ofFile = (file.added_tokens ?? []) as readonly (AddedToken & { readonly id: number })[];
  const whole = made ? { ...file, ...made.parts(file, config, tokens), added_tokens: [] } : file;
  const json = settings.lowersFirst ? loweringFirst(whole) : whole;
  const added = moreTokens(config, made ? [] : ofFile, ofFile, tokens, made?.splitsOff);
  const idOf = idFinder(json, made ? [] : ofFile, added);
  const cleansUp = config.clean_up_tokenization_spaces === true && (file.model as Json).type !== 'BPE';
  const postProcessor = made?.postProcessor?.(tokens, idOf, config) ?? file.post_processor;
  return {
    json: { ...json, post_processor: postProcessor },
    moreTokens: [added],
    splitsSpecialTokens: config.split_special_tokens === true,
    truncationSide: sideOf(config, file),
    specialTokens: tokens,
    afterDecoding: [...(made?.afterDecoding ? [made.afterDecoding] : []), ...(cleansUp ? [withoutSpaces] : [])],
  };
}

/** Without `added_tokens_decoder`, special_tokens_map.json counts more than the config. */
function withSpecialTokens({ config, specialTokens }: TokenizerSettings): Json {
  const whole = config.added_tokens_decoder === undefined ? { ...config, ...specialTokens } : config;
  const extra = whole.extra_special_tokens ?? whole.additional_special_tokens;
  return { ...whole, extra_special_tokens: extra };
}

function loweringFirst(json: Json): Json {
  const before = (json.normalizer ?? undefined) as Json | undefined;
  const parts = (before?.type === 'Sequence' ? before.normalizers : before ? [before] : []) as readonly Json[];
  if (parts.some(({ type }) => type === 'Lowercase')) return json;
  return { ...json, normalizer: { type: 'Sequence', normalizers: [{ type: 'Lowercase' }, ...parts] } };
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
  splitsOff: TokenizerClass['splitsOff'],
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
  const ofFolder = new Set(known);
  for (const name of specialTokenNames) put(config[name] ?? tokens[name], splitsOff?.(name));
  for (const token of extra) put(token);
  return added;

  function put(token: unknown, ofText?: Partial<AddedToken>): void {
    const content = contentOf(token);
    if (content === undefined || ofFolder.has(content)) return;
    if (known.has(content) && !ofText?.lstrip) return; // of two names with one text, the one that is split off in its own way counts
    known.add(content);
    const properties = typeof token === 'object' ? (token as AddedToken) : ofText;
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
