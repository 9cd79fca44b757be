import { isAlphabetic, isWhiteSpace } from '../unicode/characters';
import { generalCategory } from '../unicode/general-category';

type Takes = (point: number) => boolean;

const inCategories =
  (...prefixes: readonly string[]): Takes =>
  (point) => {
    const category = generalCategory(point);
    return prefixes.some((prefix) => category.startsWith(prefix));
  };

const isAssigned: Takes = (point) => generalCategory(point) !== 'Cn';

export const isDigit: Takes = inCategories('Nd');

const isWordCategory = inCategories('M', 'Nd', 'Pc');

/** `\w` of Oniguruma in brackets. */
export const isBracketedWord: Takes = (point) => isAlphabetic(point) || isWordCategory(point);

/** `\w` of Oniguruma: the numbers of Latin-1 belong to it too. */
export const isWordCharacter: Takes = (point) => latinNumbers.has(point) || isBracketedWord(point);
const latinNumbers = new Set([0xb2, 0xb3, 0xb9, 0xbc, 0xbd, 0xbe]);

/** POSIX brackets, as Oniguruma takes them. */
export const posixClasses: Readonly<Record<string, Takes>> = {
  alnum: (point) => isAlphabetic(point) || isDigit(point),
  alpha: isAlphabetic,
  ascii: (point) => point < 0x80,
  blank: (point) => point === 0x9 || generalCategory(point) === 'Zs',
  cntrl: inCategories('Cc'),
  digit: isDigit,
  graph: (point) => !isWhiteSpace(point) && !inCategories('Cc', 'Cs', 'Cn')(point),
  lower: (point) => isAssigned(point) && /\p{Lowercase}/u.test(String.fromCodePoint(point)),
  print: (point) => generalCategory(point) === 'Zs' || posixClasses.graph(point),
  punct: inCategories('P', 'S'),
  space: isWhiteSpace,
  upper: (point) => isAssigned(point) && /\p{Uppercase}/u.test(String.fromCodePoint(point)),
  word: isBracketedWord,
  xdigit: (point) => /[0-9A-Fa-f]/.test(String.fromCodePoint(point)),
};

/** The long names of general categories, and what takes the place of a category. */
const longNames: Readonly<Record<string, Takes>> = {
  any: () => true,
  assigned: isAssigned,
  letter: inCategories('L'),
  casedletter: inCategories('Lu', 'Ll', 'Lt'),
  lc: inCategories('Lu', 'Ll', 'Lt'),
  uppercaseletter: inCategories('Lu'),
  lowercaseletter: inCategories('Ll'),
  titlecaseletter: inCategories('Lt'),
  modifierletter: inCategories('Lm'),
  otherletter: inCategories('Lo'),
  mark: inCategories('M'),
  combiningmark: inCategories('M'),
  nonspacingmark: inCategories('Mn'),
  spacingmark: inCategories('Mc'),
  enclosingmark: inCategories('Me'),
  number: inCategories('N'),
  decimalnumber: isDigit,
  letternumber: inCategories('Nl'),
  othernumber: inCategories('No'),
  punctuation: inCategories('P'),
  punct: inCategories('P'),
  connectorpunctuation: inCategories('Pc'),
  dashpunctuation: inCategories('Pd'),
  openpunctuation: inCategories('Ps'),
  closepunctuation: inCategories('Pe'),
  initialpunctuation: inCategories('Pi'),
  finalpunctuation: inCategories('Pf'),
  otherpunctuation: inCategories('Po'),
  symbol: inCategories('S'),
  mathsymbol: inCategories('Sm'),
  currencysymbol: inCategories('Sc'),
  modifiersymbol: inCategories('Sk'),
  othersymbol: inCategories('So'),
  separator: inCategories('Z'),
  spaceseparator: inCategories('Zs'),
  lineseparator: inCategories('Zl'),
  paragraphseparator: inCategories('Zp'),
  other: inCategories('C'),
  control: inCategories('Cc'),
  format: inCategories('Cf'),
  unassigned: inCategories('Cn'),
  privateuse: inCategories('Co'),
  surrogate: inCategories('Cs'),
  alphabetic: isAlphabetic,
  alpha: isAlphabetic,
  whitespace: isWhiteSpace,
};

const posixNames = [
  'alnum',
  'ascii',
  'blank',
  'cntrl',
  'digit',
  'graph',
  'lower',
  'print',
  'space',
  'upper',
  'word',
  'xdigit',
];

const categories = new Set(
  'l lu ll lt lm lo m mn mc me n nd nl no p pc pd ps pe pi pf po s sm sc sk so z zs zl zp c cc cf co cs cn'.split(' '),
);

/** What `\p{name}` takes; undefined for a property that is not known here. */
export function propertyOf(name: string): Takes | undefined {
  const key = name.toLowerCase().replace(/[\s_-]/g, '');
  if (categories.has(key)) return inCategories(key[0].toUpperCase() + key.slice(1));
  if (Object.hasOwn(longNames, key)) return longNames[key];
  if (posixNames.includes(key)) return posixClasses[key];
  return emojiProperties.has(key) ? binaryProperty(name) : scriptOf(name);
}

const emojiProperties = new Set(['emoji', 'emojipresentation', 'emojimodifier', 'emojimodifierbase', 'emojicomponent']);

function binaryProperty(name: string): Takes | undefined {
  return propertyPattern(titleCase(name));
}

function scriptOf(name: string): Takes | undefined {
  return propertyPattern(`Script=${titleCase(name)}`);
}

/** What JavaScript takes for a property, of the characters that Unicode 16.0 has. */
function propertyPattern(property: string): Takes | undefined {
  try {
    const pattern = new RegExp(`^\\p{${property}}`, 'u');
    return (point) => isAssigned(point) && pattern.test(String.fromCodePoint(point));
  } catch {
    return undefined;
  }
}

function titleCase(name: string): string {
  const words = name.split(/[\s_-]/);
  return words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase()).join('_');
}
