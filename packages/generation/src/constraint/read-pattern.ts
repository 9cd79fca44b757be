import { allCodePoints, type CodePointRange, without } from './code-points';
import { character, choice, type Expression, empty, repeat, sequence } from './expression';
import { TextReader } from './text-reader';

/**
 * A regular expression: alternatives, groups, classes, escapes, and repetitions, greedy or not, which is the same here. Anchors may stand at the ends of
 * its alternatives.
 *
 * @param extent whether the whole of a text matches, or something in it, as JSON schemas have it
 * @throws ConfigError for what cannot be kept byte by byte, such as looking around and references back
 */
export function readPattern(
  pattern: string,
  extent: 'whole' | 'within',
  where = 'generation.constraint.pattern',
): Expression {
  const reader = new TextReader(pattern, where);
  const anything = repeat(character(allCodePoints), 0, Number.POSITIVE_INFINITY);
  const options = [anchored()];
  while (reader.takes('|')) options.push(anchored());
  if (!reader.isAtEnd) throw reader.fault('the end, or an alternative');
  return choice(...options);

  function anchored(): Expression {
    const isFirst = reader.takes('^');
    const parts = terms(true);
    const isLast = reader.takes('$');
    if (extent === 'whole') return parts;
    return sequence(...(isFirst ? [] : [anything]), parts, ...(isLast ? [] : [anything]));
  }

  function terms(isOutside = false): Expression {
    const parts: Expression[] = [];
    while (!reader.isAtEnd && !'|)'.includes(reader.peek())) {
      if (isOutside && reader.peek() === '$' && '|'.includes(reader.peek(1))) break;
      parts.push(repeated(atom()));
    }
    return parts.length === 0 ? empty : sequence(...parts);
  }

  function repeated(of: Expression): Expression {
    const bounds = reader.takes('*')
      ? { least: 0, most: Number.POSITIVE_INFINITY }
      : reader.takes('+')
        ? { least: 1, most: Number.POSITIVE_INFINITY }
        : reader.takes('?')
          ? { least: 0, most: 1 }
          : reader.takes('{')
            ? reader.takeBounds()
            : undefined;
    if (!bounds) return of;
    reader.takes('?'); // not greedy: the same texts
    return repeat(of, bounds.least, bounds.most);
  }

  function atom(): Expression {
    if (reader.takes('(')) return reader.within(group);
    if (reader.takes('[')) return character(characterClass(reader));
    if (reader.takes('.')) return character(without(allCodePoints, lineEnds));
    if (reader.takes('\\')) return character(escaped(reader));
    if ('^$*+?{}]'.includes(reader.peek()))
      throw reader.fault('no anchor within a pattern, and nothing to repeat without what is');
    const point = reader.take().codePointAt(0)!;
    return character([[point, point]]);
  }

  function group(): Expression {
    if (reader.takes('?')) {
      const isNamed = reader.peek() === '<' && !'=!'.includes(reader.peek(1));
      if (isNamed) reader.takeWhile((letter) => letter !== '>');
      if (!reader.takes(isNamed ? '>' : ':')) throw reader.fault('a group that does not look around');
    }
    const options = [terms()];
    while (reader.takes('|')) options.push(terms());
    if (!reader.takes(')')) throw reader.fault('the end of a group');
    return choice(...options);
  }
}

/** A class in brackets, behind the first of them; also of grammars. */
export function characterClass(reader: TextReader): CodePointRange[] {
  const isNegated = reader.takes('^');
  const ranges: CodePointRange[] = [];
  while (!reader.takes(']')) {
    if (reader.isAtEnd) throw reader.fault('the end of a class, "]"');
    const first = classMember(reader);
    const isRange =
      reader.peek() === '-' && reader.peek(1) !== ']' && first.length === 1 && first[0][0] === first[0][1];
    if (!isRange) {
      ranges.push(...first);
      continue;
    }
    reader.take();
    const [last] = classMember(reader);
    if (!last || last[1] < first[0][0]) throw reader.fault('a range of characters that ascends');
    ranges.push([first[0][0], last[1]]);
  }
  const whole = isNegated ? without(allCodePoints, ranges) : without(ranges, surrogates);
  if (whole.length === 0) throw reader.fault('a class with a character in it, before this');
  return whole;
}

function classMember(reader: TextReader): readonly CodePointRange[] {
  if (reader.takes('\\')) return escaped(reader);
  const point = reader.take().codePointAt(0)!;
  return [[point, point]];
}

/** The characters of an escape, behind its backslash; also of grammars. */
export function escaped(reader: TextReader): readonly CodePointRange[] {
  const letter = reader.take();
  const known = classes[letter];
  if (known) return known;
  const control = controls[letter];
  if (control !== undefined) return [[control, control]];
  if (letter === 'x') return only(reader.takeHex(2));
  if (letter === 'U') return whole(reader.takeHex(8), reader);
  if (letter === 'u') return whole(unicodePoint(reader), reader);
  if (letter === '' || /[a-zA-Z0-9]/.test(letter))
    throw reader.fault(`an escape that is kept; \\${letter} before this is not`);
  return only(letter.codePointAt(0)!);
}

/** Behind `\u`: four digits, any number of them in braces, or both halves of a surrogate pair. */
function unicodePoint(reader: TextReader): number {
  if (reader.takes('{')) {
    const point = Number.parseInt(
      reader.takeWhile((each) => /[0-9a-fA-F]/.test(each)),
      16,
    );
    if (!(point <= 0x10ffff) || !reader.takes('}'))
      throw reader.fault('the end of \\u{…} with a code point up to 10ffff in it');
    return point;
  }
  const point = reader.takeHex(4);
  if (point < 0xd800 || point > 0xdbff || !reader.takes('\\u')) return point;
  const low = reader.takeHex(4);
  return String.fromCharCode(point, low).codePointAt(0)!;
}

function whole(point: number, reader: TextReader): CodePointRange[] {
  if (point >= 0xd800 && point <= 0xdfff)
    throw reader.fault('a character; half of a surrogate pair, before this, is none');
  return only(point);
}

const only = (point: number): CodePointRange[] => [[point, point]];
const surrogates: readonly CodePointRange[] = [[0xd800, 0xdfff]];
const lineEnds: readonly CodePointRange[] = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
];
const digits: readonly CodePointRange[] = [[0x30, 0x39]];
const wordCharacters: readonly CodePointRange[] = [...digits, [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]];
const whiteSpace: readonly CodePointRange[] = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];
const classes: Readonly<Record<string, readonly CodePointRange[]>> = {
  d: digits,
  D: without(allCodePoints, digits),
  w: wordCharacters,
  W: without(allCodePoints, wordCharacters),
  s: whiteSpace,
  S: without(allCodePoints, whiteSpace),
};
const controls: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11, 0: 0 };
