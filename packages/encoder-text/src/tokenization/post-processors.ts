import { SampleError } from '@polymodal/core';
import { isWhiteSpace } from './unicode/characters';

/** Tokens of a text with what belongs to each; offsets are code points of the text, `[0, 0]` for what is not in it. */
export interface Encoding {
  readonly ids: readonly number[];
  readonly typeIds: readonly number[];
  readonly tokens: readonly string[];
  readonly offsets: readonly (readonly [number, number])[];
  /** Whether each token was put in, and is not in the text. */
  readonly isSpecial: readonly boolean[];
  /** Which of two texts each token is from. */
  readonly sequences: readonly number[];
  /** Which part of its text, as the pre-tokenizer parts it, each token is of (`word_ids` of Python); −1 for what is not in it. */
  readonly words: readonly number[];
}

/** What puts the encodings of a text, or of two, together with special tokens. */
export interface PostProcessor {
  /** How many tokens it puts in. */
  addedTokens(isPair: boolean): number;
  process(encodings: readonly Encoding[], addSpecialTokens: boolean): readonly Encoding[];
}

/** A special token and its ids. */
export interface SpecialToken {
  readonly ids: readonly number[];
  readonly tokens: readonly string[];
}

export function postProcessorSequence(processors: readonly PostProcessor[]): PostProcessor {
  return {
    addedTokens: (isPair) => processors.reduce((sum, processor) => sum + processor.addedTokens(isPair), 0),
    process: (encodings, addSpecialTokens) =>
      processors.reduce((each, processor) => processor.process(each, addSpecialTokens), encodings),
  };
}

/** `[CLS] A [SEP] B [SEP]`. */
export function bertProcessing(cls: SpecialToken, sep: SpecialToken): PostProcessor {
  return {
    addedTokens: (isPair) => (isPair ? 3 : 2),
    process: (encodings, addSpecialTokens) =>
      encodings.map((encoding, index) => {
        if (!addSpecialTokens) return encoding;
        const inner = withoutSpecial(encoding);
        return index === 0 ? merge([special(cls, 0), inner, special(sep, 0)]) : merge([inner, special(sep, 1)]);
      }),
  };
}

export interface RobertaOptions {
  readonly trim_offsets: boolean;
  readonly add_prefix_space: boolean;
}

/** `<s> A </s></s> B </s>`, all of one type. */
export function robertaProcessing(cls: SpecialToken, sep: SpecialToken, options: RobertaOptions): PostProcessor {
  return {
    addedTokens: (isPair) => (isPair ? 4 : 2),
    process: (encodings, addSpecialTokens) =>
      encodings.map((given, index) => {
        const trimmed = options.trim_offsets ? trimOffsets(given, options.add_prefix_space) : given;
        const encoding = withType(trimmed, 0);
        if (!addSpecialTokens) return encoding;
        return merge([special(index === 0 ? cls : sep, 0), withoutSpecial(encoding), special(sep, 0)]);
      }),
  };
}

export function byteLevelProcessing({ trim_offsets, add_prefix_space }: RobertaOptions): PostProcessor {
  return {
    addedTokens: () => 0,
    process: (encodings) =>
      trim_offsets ? encodings.map((encoding) => trimOffsets(encoding, add_prefix_space)) : encodings,
  };
}

/** A part of a template: a text, or a special token. */
export type TemplatePiece =
  | { readonly kind: 'sequence'; readonly index: 0 | 1; readonly typeId: number }
  | { readonly kind: 'special'; readonly token: SpecialToken; readonly typeId: number };

export interface Templates {
  readonly single: readonly TemplatePiece[];
  readonly pair: readonly TemplatePiece[];
}

export function templateProcessing({ single, pair }: Templates): PostProcessor {
  return {
    addedTokens(isPair) {
      const template = isPair ? pair : single;
      return template.reduce((sum, piece) => sum + (piece.kind === 'special' ? piece.token.ids.length : 0), 0);
    },
    process(encodings, addSpecialTokens) {
      if (encodings.length > 2) throw notProcessed(`${encodings.length} of them`);
      const template = encodings.length === 2 ? pair : single;
      return template.flatMap((piece) => {
        if (piece.kind === 'special') return addSpecialTokens ? [special(piece.token, piece.typeId)] : [];
        const encoding = encodings[piece.index];
        if (!encoding) throw notProcessed('one');
        return [withType(encoding, piece.typeId)];
      });
    },
  };
}

function notProcessed(received: string): SampleError {
  return new SampleError({
    expected: 'as many texts as the template of the tokenizer.json has places for',
    received,
    hint: "Python's tokenizers fail too.",
  });
}

export function merge(encodings: readonly Encoding[]): Encoding {
  return {
    ids: encodings.flatMap(({ ids }) => ids),
    typeIds: encodings.flatMap(({ typeIds }) => typeIds),
    tokens: encodings.flatMap(({ tokens }) => tokens),
    offsets: encodings.flatMap(({ offsets }) => offsets),
    isSpecial: encodings.flatMap(({ isSpecial }) => isSpecial),
    sequences: encodings.flatMap(({ sequences }) => sequences),
    words: encodings.flatMap(({ words }) => words),
  };
}

function withType(encoding: Encoding, typeId: number): Encoding {
  return { ...encoding, typeIds: encoding.ids.map(() => typeId) };
}

/** What another post-processor put in counts as text. */
function withoutSpecial(encoding: Encoding): Encoding {
  return { ...encoding, isSpecial: encoding.ids.map(() => false) };
}

function special({ ids, tokens }: SpecialToken, typeId: number): Encoding {
  return {
    ids,
    typeIds: ids.map(() => typeId),
    tokens,
    offsets: ids.map(() => [0, 0] as const),
    isSpecial: ids.map(() => true),
    sequences: ids.map(() => 0),
    words: ids.map(() => -1),
  };
}

/** Offsets without the white space that belongs to a token. */
function trimOffsets(encoding: Encoding, addPrefixSpace: boolean): Encoding {
  const offsets = encoding.offsets.map(([start, end], index) => {
    const characters = Array.from(encoding.tokens[index]);
    const leading = countWhite(characters);
    const trailing = countWhite(characters.reverse());
    const isPrefix = (index === 0 || start === 0) && addPrefixSpace && leading === 1;
    const first = leading > 0 && !isPrefix ? Math.min(start + leading, end) : start;
    const last = trailing > 0 && end >= trailing ? Math.max(end - trailing, first) : end;
    return [first, last] as const;
  });
  return { ...encoding, offsets };
}

function countWhite(characters: readonly string[]): number {
  const end = characters.findIndex((character) => character !== 'Ġ' && !isWhiteSpace(character.codePointAt(0)!));
  return end < 0 ? characters.length : end;
}
