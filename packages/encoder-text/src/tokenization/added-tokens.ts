import { FileFormatError } from '@polymodal/core';
import { AlignedText, byteLength, type Range } from './aligned-text';
import { Effort } from './effort';
import type { Model } from './models/model';
import { Trie } from './models/trie';
import { type Normalizer, splitParts, type TextPart, type TextParts } from './text-parts';
import { isWhiteSpace, isWord } from './unicode/characters';

/** A token that is found in texts before they are split into words. */
export interface AddedToken {
  readonly content: string;
  /** Only where no letter stands before or after it. */
  readonly single_word: boolean;
  /** Takes the white space before it. */
  readonly lstrip: boolean;
  /** Takes the white space after it. */
  readonly rstrip: boolean;
  /** Looked for in normalised texts. */
  readonly normalized: boolean;
  /** Left out of decoded texts. */
  readonly special: boolean;
}

/** The tokens that were added to a vocabulary (HF `AddedVocabulary`). */
export class AddedTokens {
  readonly #ids = new Map<string, number>();
  readonly #tokens = new Map<number, AddedToken>();
  readonly #special = new Set<string>();
  #raw = new TokenFinder([], this.#tokens);
  #normalized = new TokenFinder([], this.#tokens);
  readonly #normalizedContents = new Map<number, string>();

  constructor(
    readonly model: Model,
    readonly normalizer: Normalizer | undefined,
    readonly where: string,
    /** Special tokens in a text are text like any other. */
    readonly splitsSpecialTokens: boolean,
  ) {}

  /** Gives them ids: those that the vocabulary has, or the next. @throws FileFormatError if two look the same in a text */
  add(tokens: readonly AddedToken[]): void {
    const { vocabulary } = this.model;
    let highest = -1;
    for (const id of this.#tokens.keys()) highest = Math.max(highest, id);
    let next = highest >= vocabulary.size ? highest + 1 : vocabulary.size;
    for (const token of tokens) {
      if (token.content === '') continue;
      const id = this.#ids.get(token.content) ?? vocabulary.ids.get(token.content) ?? next++;
      this.#ids.set(token.content, id);
      this.#tokens.set(id, token);
      if (token.special) this.#special.add(token.content);
      if (!token.normalized || !this.normalizer) continue;
      const text = AlignedText.of(token.content, false);
      this.#normalizedContents.set(id, this.normalizer(text, true, new Effort(token.content)).text);
    }
    const entries = [...this.#tokens].map(([id, token]) => ({ id, token }));
    const contents = (normalized: boolean) =>
      entries
        .filter(({ token }) => token.normalized === normalized)
        .map(({ id, token }) => [normalized ? this.#normalizedContent(id, token) : token.content, id] as const);
    this.#raw = this.#finder(contents(false));
    this.#normalized = this.#finder(contents(true));
  }

  /** The same tokens with the same ids, and one more. */
  plus(token: AddedToken): AddedTokens {
    const more = new AddedTokens(this.model, this.normalizer, this.where, this.splitsSpecialTokens);
    more.add([...this.#tokens.values()]);
    more.add([token]);
    return more;
  }

  get ids(): ReadonlyMap<string, number> {
    return this.#ids;
  }

  /** Those that are left out of decoded texts. */
  get specialIds(): number[] {
    return [...this.#tokens].flatMap(([id, { special }]) => (special ? [id] : []));
  }

  /** As it stands in decoded texts. */
  tokenOf(id: number): string | undefined {
    const token = this.#tokens.get(id);
    return token && this.#normalizedContent(id, token);
  }

  isSpecial(token: string): boolean {
    return this.#special.has(token);
  }

  get(content: string): AddedToken | undefined {
    const id = this.#ids.get(content);
    return id === undefined ? undefined : this.#tokens.get(id);
  }

  /** A normalised text in parts: the tokens that were added, and what lies between. */
  extract(text: AlignedText, isWhole: boolean, effort: Effort): TextParts {
    const whole: TextParts = { parts: [{ text }], isWhole };
    const raw = this.#split(whole, this.#raw);
    const normalized = this.normalizer
      ? splitParts(raw, (part, partIsWhole) => [this.normalizer!(part, partIsWhole, effort)])
      : raw;
    return this.#split(normalized, this.#normalized);
  }

  #normalizedContent(id: number, { content }: AddedToken): string {
    return this.#normalizedContents.get(id) ?? content;
  }

  #finder(contents: readonly (readonly [string, number])[]): TokenFinder {
    const distinct = new Set(contents.map(([content]) => content));
    if (distinct.size === contents.length && !distinct.has('')) return new TokenFinder(contents, this.#tokens);
    throw new FileFormatError({
      where: this.where,
      expected: 'added_tokens that differ, also after its normalizer has changed them',
      received: 'some that become the same, or nothing',
      hint: "Python's tokenizers leave it to chance which of them they find.",
    });
  }

  #split({ parts, isWhole }: TextParts, finder: TokenFinder): TextParts {
    const found: TextPart[] = [];
    for (const [index, part] of parts.entries()) {
      if (part.tokens) {
        found.push(part);
        continue;
      }
      const pieces = finder.find(part.text.text, isWhole || index < parts.length - 1, this.#isText);
      const texts = part.text.slices(pieces);
      const ids = pieces.filter(({ start, end }) => start < end).map(({ id }) => id);
      for (const [each, text] of texts.entries()) {
        const id = ids[each];
        if (id === undefined) found.push({ text });
        else
          found.push({
            text,
            tokens: [{ id, value: text.text, start: 0, end: byteLength(text.text, 0, text.text.length) }],
          });
      }
    }
    return { parts: found, isWhole };
  }

  readonly #isText = (token: AddedToken): boolean => this.splitsSpecialTokens && this.#special.has(token.content);
}

interface Piece extends Range {
  /** Of the token; undefined for text. */
  readonly id?: number;
}

/** Finds tokens in a text: the leftmost, and of those the longest. */
class TokenFinder {
  readonly #trie = new Trie();
  readonly #tokens: ReadonlyMap<number, AddedToken>;
  readonly #beginnings = new Set<number>();
  #longest = 0;
  #takesSpaceBefore = false;

  constructor(contents: readonly (readonly [string, number])[], tokens: ReadonlyMap<number, AddedToken>) {
    this.#tokens = tokens;
    for (const [content, id] of contents) {
      this.#trie.add(content, id);
      this.#beginnings.add(content.charCodeAt(0));
      this.#longest = Math.max(this.#longest, content.length);
      this.#takesSpaceBefore ||= tokens.get(id)!.lstrip;
    }
  }

  /** Where a text may go on, the last piece is what certainly belongs to no token. */
  find(text: string, isWhole: boolean, isText: (token: AddedToken) => boolean): Piece[] {
    if (this.#longest === 0) return [{ start: 0, end: text.length }];
    const pieces: Piece[] = [];
    const limit = isWhole ? text.length : Math.max(0, text.length - this.#longest);
    let done = 0;
    for (let position = 0; position < limit; ) {
      const id = this.#beginnings.has(text.charCodeAt(position)) ? this.#longestAt(text, position) : -1;
      if (id < 0) {
        position++;
        continue;
      }
      const token = this.#tokens.get(id)!;
      const end = this.#end;
      const found = { start: position, end };
      position = end;
      if (isText(token) || (token.single_word && !standsAlone(text, found))) continue;
      const start = token.lstrip ? Math.max(done, startOfSpace(text, found.start)) : found.start;
      const stop = token.rstrip ? endOfSpace(text, end) : end;
      if (done < start) pieces.push({ start: done, end: start });
      pieces.push({ start, end: stop, id });
      done = stop;
    }
    let end = isWhole ? text.length : Math.max(done, limit);
    if (!isWhole && this.#takesSpaceBefore) end = Math.max(done, startOfSpace(text, end));
    if (done < end) pieces.push({ start: done, end });
    return pieces;
  }

  #end = 0;

  /** The id of the longest token at a position, or −1; and where it ends. */
  #longestAt(text: string, start: number): number {
    let found = -1;
    let node = 0;
    for (let end = start; end < text.length; ) {
      node = this.#trie.child(node, text.charCodeAt(end++));
      if (node === 0) break;
      const id = this.#trie.value(node);
      if (id < 0) continue;
      found = id;
      this.#end = end;
    }
    return found;
  }
}

function standsAlone(text: string, { start, end }: Range): boolean {
  const after = text.codePointAt(end);
  const last = text.charCodeAt(start - 1);
  const before = start === 0 ? undefined : last >= 0xdc00 && last < 0xe000 ? text.codePointAt(start - 2) : last;
  return !(before !== undefined && isWord(before)) && !(after !== undefined && isWord(after));
}

function startOfSpace(text: string, end: number): number {
  let start = end;
  while (start > 0 && isWhiteSpace(text.charCodeAt(start - 1))) start--;
  return start;
}

function endOfSpace(text: string, start: number): number {
  let end = start;
  while (end < text.length && isWhiteSpace(text.charCodeAt(end))) end++;
  return end;
}
