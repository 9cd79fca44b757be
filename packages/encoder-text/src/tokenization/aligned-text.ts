import { SampleError } from '@polymodal/core';

/**
 * A text, or a part of one, that was changed for the model, and what each of its bytes stood for: as in `NormalizedString`
 * of Python's tokenizers, positions are those of UTF-8.
 *
 * The origin is kept only where somebody asks for it, since ids do not need it.
 */
export class AlignedText {
  private constructor(
    readonly text: string,
    /** Where it begins in the text that it is part of, in bytes. */
    readonly shift: number,
    readonly origin: Origin | undefined,
    /** Put at the very beginning in place of nothing: Python cannot change such a text any further. */
    readonly beginsWithNothing: boolean,
  ) {}

  static of(text: string, withOrigin: boolean): AlignedText {
    return new AlignedText(text, 0, withOrigin ? originOf(text) : undefined, false);
  }

  /** Parts in their order; empty ones are left out. */
  slices(ranges: readonly Range[]): AlignedText[] {
    const parts: AlignedText[] = [];
    let byte = 0;
    let position = 0;
    for (const { start, end } of ranges) {
      if (start === end) continue;
      if (!this.origin) {
        const shift = start > 0 ? this.shift + start : this.shift;
        parts.push(new AlignedText(this.text.slice(start, end), shift, undefined, false));
        continue;
      }
      if (start < position) byte = position = 0; // they overlap
      byte += byteLength(this.text, position, start);
      const length = byteLength(this.text, start, end);
      const origin = {
        starts: this.origin.starts.subarray(byte, byte + length),
        ends: this.origin.ends.subarray(byte, byte + length),
      };
      const begins = this.beginsWithNothing && start === 0;
      parts.push(new AlignedText(this.text.slice(start, end), origin.starts[0], origin, begins));
      byte += length;
      position = end;
    }
    return parts;
  }

  /** Every character replaced by others, or by none; they stand for what it stood for. */
  mapCharacters(change: (character: string) => string): AlignedText {
    this.#checkBeginning();
    if (!this.origin) {
      const text = mapText(this.text, change);
      return text === this.text ? this : this.#with(text, undefined);
    }
    const bytes: number[] = [];
    let text = '';
    let byte = 0;
    for (const character of this.text) {
      const replacement = change(character);
      for (let i = utf8Length(replacement); i > 0; i--) bytes.push(byte);
      text += replacement;
      byte += utf8Length(character);
    }
    return this.#with(text, bytes);
  }

  /** What is left from `start` to `end`, in the same place of the whole. */
  keep(start: number, end: number): AlignedText {
    if (start === 0 && end === this.text.length) return this;
    this.#checkBeginning();
    const first = this.origin ? byteLength(this.text, 0, start) : 0;
    const length = this.origin ? byteLength(this.text, start, end) : 0;
    return this.#with(this.text.slice(start, end), this.origin && range(first, first + length));
  }

  /** The characters of a changed text, each with what it stands for. */
  transform(characters: readonly ChangedCharacter[]): AlignedText {
    this.#checkBeginning();
    let text = '';
    for (const { point } of characters) text += String.fromCodePoint(point);
    if (!this.origin) return this.#with(text, undefined);
    const lengths = Array.from(this.text, utf8Length);
    const bytes: number[] = [];
    let byte = 0;
    let next = 0;
    for (const { point, change } of characters) {
      const from = change > 0 ? byte - 1 : byte;
      for (let i = utf8Length(String.fromCodePoint(point)); i > 0; i--) bytes.push(from);
      for (let passed = change > 0 ? 0 : 1 - change; passed > 0; passed--) byte += lengths[next++] ?? 0;
    }
    return this.#with(text, bytes);
  }

  /** Ranges replaced by a text, which stands for the last character that it replaces or, where there is none, for the one before. */
  replace(ranges: readonly Range[], content: string, limit: (length: number) => void): AlignedText {
    if (ranges.length === 0) return this;
    const pieces: string[] = [];
    let length = this.text.length;
    let position = 0;
    for (const { start, end } of ranges) {
      length += content.length - (end - start);
      pieces.push(this.text.slice(position, start), content);
      position = end;
    }
    limit(length);
    pieces.push(this.text.slice(position));
    const text = pieces.join('');
    const begins = (this.beginsWithNothing && ranges[0].start > 0) || (ranges[0].end === 0 && content !== '');
    if (!this.origin) return new AlignedText(text, this.shift, undefined, begins);
    return new AlignedText(
      text,
      this.shift,
      replacedOrigin(this.origin, this.text, this.shift, ranges, content),
      begins,
    );
  }

  prepend(content: string): AlignedText {
    if (this.text === '') return this;
    const text = content + this.text;
    const first = String.fromCodePoint(this.text.codePointAt(0)!);
    if (content === '') {
      const starts = this.origin?.starts.slice().fill(this.shift, 0, utf8Length(first));
      const ends = this.origin?.ends.slice().fill(this.shift, 0, utf8Length(first));
      const origin = this.origin && { starts: starts!, ends: ends! };
      return new AlignedText(text, this.shift, origin, true);
    }
    const bytes = this.origin && [
      ...new Array<number>(utf8Length(content)).fill(0),
      ...range(0, this.origin.starts.length),
    ];
    return this.#with(text, bytes, this.beginsWithNothing);
  }

  /** Bytes of the whole text that a range of bytes of this one stands for. */
  originalRange(start: number, end: number): readonly [number, number] {
    const { starts, ends } = this.origin!;
    if (start === end) return [this.shift + start, this.shift + end];
    return end <= starts.length ? [starts[start], ends[end - 1]] : [start, end];
  }

  #with(text: string, bytes: readonly number[] | undefined, beginsWithNothing = false): AlignedText {
    const origin = this.origin && {
      starts: Int32Array.from(bytes!, (byte) => this.origin!.starts[byte] ?? 0),
      ends: Int32Array.from(bytes!, (byte) => this.origin!.ends[byte] ?? 0),
    };
    return new AlignedText(text, this.shift, origin, beginsWithNothing);
  }

  #checkBeginning(): void {
    if (!this.beginsWithNothing) return;
    throw new SampleError({
      expected: 'a text that the normalizer of the tokenizer.json can change',
      received: 'one before which it puts something in place of nothing, and then goes on',
      hint: "Python's tokenizers fail at such a text too. A Replace whose pattern may be empty has to be the last normalizer.",
    });
  }
}

/**
 * A character of a changed text, and what became of the characters before: 0 stands for one of them, 1 was put in after it,
 * −n stands for 1 + n of them.
 */
export interface ChangedCharacter {
  readonly point: number;
  readonly change: number;
}

/** From `start` up to `end`, in UTF-16. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Stretches that stay as they are, which is most of most texts, are taken over whole. */
function mapText(text: string, change: (character: string) => string): string {
  let changed = '';
  let taken = 0;
  for (let start = 0; start < text.length; ) {
    const isPair = (text.charCodeAt(start) & 0xfc00) === 0xd800;
    const character = isPair ? text.slice(start, start + 2) : text[start];
    const end = start + character.length;
    const replacement = change(character);
    if (replacement !== character) {
      changed += text.slice(taken, start) + replacement;
      taken = end;
    }
    start = end;
  }
  return taken === 0 ? text : changed + text.slice(taken);
}

/** For each byte of a text, where what it stands for begins and ends. */
interface Origin {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

function originOf(text: string): Origin {
  const length = byteLength(text, 0, text.length);
  const starts = new Int32Array(length);
  const ends = new Int32Array(length);
  let byte = 0;
  for (const character of text) {
    const end = byte + utf8Length(character);
    starts.fill(byte, byte, end);
    ends.fill(end, byte, end);
    byte = end;
  }
  return { starts, ends };
}

function replacedOrigin(
  origin: Origin,
  text: string,
  shift: number,
  ranges: readonly Range[],
  content: string,
): Origin {
  const starts: number[] = [];
  const ends: number[] = [];
  const contentLength = utf8Length(content);
  const copy = (from: number, to: number) => {
    for (let byte = from; byte < to; byte++) {
      starts.push(origin.starts[byte]);
      ends.push(origin.ends[byte]);
    }
  };
  let position = 0;
  let byte = 0;
  for (const { start, end } of ranges) {
    const first = byte + byteLength(text, position, start);
    const last = first + byteLength(text, start, end);
    copy(byte, first);
    for (let i = 0; i < contentLength; i++) {
      starts.push(last > 0 ? origin.starts[last - 1] : shift);
      ends.push(last > 0 ? origin.ends[last - 1] : shift);
    }
    byte = last;
    position = end;
  }
  copy(byte, origin.starts.length);
  return { starts: Int32Array.from(starts), ends: Int32Array.from(ends) };
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, index) => start + index);
}

/** Bytes of UTF-8 from `start` to `end`. */
export function byteLength(text: string, start: number, end: number): number {
  let bytes = 0;
  for (let i = start; i < end; i++) {
    const unit = text.charCodeAt(i);
    // A pair of surrogates has four bytes, two for each.
    bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3;
  }
  return bytes;
}

function utf8Length(text: string): number {
  return byteLength(text, 0, text.length);
}

/** A text with U+FFFD in place of halves of surrogate pairs, which are no characters: Python takes no such texts. */
export function wellFormed(text: string): string {
  return text.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD');
}
