import { allCodePoints, among, type CodePointRange, without } from './code-points';
import {
  character,
  choice,
  type Expression,
  literal,
  optional,
  repeat,
  rule,
  sequence,
  withCharacters,
} from './expression';

const infinite = Number.POSITIVE_INFINITY;
const digit = character([[0x30, 0x39]]);
const digitAboveZero = character([[0x31, 0x39]]);
const hexDigit = character([
  [0x30, 0x39],
  [0x41, 0x46],
  [0x61, 0x66],
]);

/** What a string may not have as it is: quotation marks, backslashes and controls. */
const escapedAlways: readonly CodePointRange[] = [
  [0x00, 0x1f],
  [0x22, 0x22],
  [0x5c, 0x5c],
  [0x7f, 0x7f],
];
export const plainCharacters = without(allCodePoints, escapedAlways);

/** No half of a surrogate pair, which would be no character. */
const unicodeEscape = sequence(
  literal('\\u'),
  choice(
    sequence(
      character([
        [0x30, 0x39],
        [0x41, 0x43],
        [0x45, 0x46],
        [0x61, 0x63],
        [0x65, 0x66],
      ]),
      hexDigit,
      hexDigit,
      hexDigit,
    ),
    sequence(
      character([
        [0x44, 0x44],
        [0x64, 0x64],
      ]),
      character([[0x30, 0x37]]),
      hexDigit,
      hexDigit,
    ),
  ),
); // prettier-ignore

/** One character of a string. */
export const stringCharacter = choice(
  character(plainCharacters),
  sequence(literal('\\'), character(['"', '\\', '/', 'b', 'f', 'n', 'r', 't'].map(pointOf))),
  unicodeEscape,
);

export function quoted(content: Expression): Expression {
  return sequence(literal('"'), content, literal('"'));
}

/** A text as the content of a string, with the characters in it written as strings write them. */
export function asContent(text: Expression): Expression {
  return withCharacters(text, (ranges) => {
    const plain = among(ranges, plainCharacters);
    const escapes = Object.entries(shortEscapes).filter(([, point]) =>
      ranges.some(([from, to]) => from <= point && point <= to),
    );
    const own = [...(plain.length > 0 ? [character(plain)] : []), ...escapes.map(([letter]) => literal(`\\${letter}`))];
    // Of controls alone, which have no short escape, one has to do: the long escapes of all would multiply what is looked at.
    return choice(...(own.length > 0 ? own : [literal(`\\u${ranges[0][0].toString(16).padStart(4, '0')}`)]));
  });
}

const shortEscapes = { '"': 0x22, '\\': 0x5c, b: 8, t: 9, n: 10, f: 12, r: 13 };

/** Between what belongs together: nothing, a space, or a line end with what indents the next line. */
export const space = optional(choice(literal(' '), sequence(literal('\n'), repeat(literal(' '), 0, 20))));

export const comma = sequence(space, literal(','), space);

/** As many digits as JavaScript keeps. */
const whole = choice(literal('0'), sequence(digitAboveZero, repeat(digit, 0, 14)));
const integerText = sequence(optional(literal('-')), whole);
export const numberText = sequence(
  integerText,
  optional(sequence(literal('.'), repeat(digit, 1, 15))),
  optional(
    sequence(character(['e', 'E'].map(pointOf)), optional(character(['+', '-'].map(pointOf))), repeat(digit, 1, 2)),
  ),
);

/** Whole numbers from one to another, both among them; infinite for no bound. */
export function integersBetween(least: number, most: number): Expression {
  if (least === -infinite && most === infinite) return integerText;
  const options: Expression[] = [];
  if (least < 0) options.push(sequence(literal('-'), naturalsBetween(Math.max(1, -Math.min(most, -1)), -least)));
  if (most >= 0) options.push(naturalsBetween(Math.max(0, least), most));
  return choice(...options);
}

function naturalsBetween(least: number, most: number): Expression {
  if (most === infinite) {
    const { length } = String(least);
    const longer = sequence(digitAboveZero, repeat(digit, length, Math.max(length, 14)));
    return choice(naturalsBetween(least, Math.min(10 ** length - 1, Number.MAX_SAFE_INTEGER)), longer);
  }
  const options: Expression[] = [];
  for (let from = least; from <= most; ) {
    const to = Math.min(most, 10 ** String(from).length - 1);
    options.push(sameLength(String(from), String(to)));
    from = to + 1;
  }
  return choice(...options);
}

/** Digits from one number to another that has as many. */
function sameLength(from: string, to: string): Expression {
  if (from === '') return sequence();
  const [first, last] = [Number(from[0]), Number(to[0])];
  const [restFrom, restTo] = [from.slice(1), to.slice(1)];
  if (first === last) return sequence(literal(from[0]), sameLength(restFrom, restTo));
  const [zeros, nines] = [restFrom.replaceAll(/./g, '0'), restFrom.replaceAll(/./g, '9')];
  const isFromWhole = restFrom === zeros;
  const isToWhole = restTo === nines;
  const [low, high] = [isFromWhole ? first : first + 1, isToWhole ? last : last - 1];
  return choice(
    ...(isFromWhole ? [] : [sequence(literal(from[0]), sameLength(restFrom, nines))]),
    ...(low <= high
      ? [sequence(character([[0x30 + low, 0x30 + high]]), repeat(digit, zeros.length, zeros.length))]
      : []),
    ...(isToWhole ? [] : [sequence(literal(to[0]), sameLength(zeros, restTo))]),
  );
}

/** A value as JSON writes it, with spaces where they may be. */
export function valueText(value: unknown): Expression {
  if (Array.isArray(value)) return listOf('[', value.map(valueText), ']');
  if (typeof value !== 'object' || value === null) return literal(JSON.stringify(value));
  const members = Object.entries(value).map(([key, own]) => member(literal(JSON.stringify(key)), valueText(own)));
  return listOf('{', members, '}');
}

export function member(key: Expression, value: Expression): Expression {
  return sequence(key, space, literal(':'), space, value);
}

function listOf(open: string, parts: readonly Expression[], close: string): Expression {
  const inner = parts.flatMap((part, index) => (index > 0 ? [comma, part] : [part]));
  return sequence(literal(open), space, ...inner, ...(parts.length > 0 ? [space] : []), literal(close));
}

/** The rules of any value. */
export const anyValueRules: readonly (readonly [string, Expression])[] = [
  [
    'any value',
    choice(
      rule('any object'),
      rule('any list'),
      rule('any string'),
      numberText,
      literal('true'),
      literal('false'),
      literal('null'),
    ),
  ],
  ['any string', quoted(repeat(stringCharacter, 0, infinite))],
  ['any object', bracketed('{', member(rule('any string'), rule('any value')), '}')],
  ['any list', bracketed('[', rule('any value'), ']')],
];

/** Any number of parts in brackets. */
function bracketed(open: string, part: Expression, close: string): Expression {
  const parts = sequence(part, repeat(sequence(comma, part), 0, infinite), space);
  return sequence(literal(open), space, optional(parts), literal(close));
}

function pointOf(text: string): CodePointRange {
  return [text.codePointAt(0)!, text.codePointAt(0)!];
}
