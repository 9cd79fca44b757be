import type { CharacterClassElementNode, CharacterClassNode, CharacterSetNode } from 'oniguruma-parser/parser';
import { isWhiteSpace } from '../unicode/characters';
import type { Flags } from './flags';
import { caseVariants } from './fold-case';
import { isBracketedWord, isDigit, isWordCharacter, posixClasses, propertyOf } from './property';
import { UnsupportedPattern, unsupportedNames } from './unsupported-pattern';

type Takes = (point: number) => boolean;

/** Which characters a letter, a class or a set of a pattern takes. @throws UnsupportedPattern for one that is not done here */
export function takenBy(node: CharacterClassElementNode, flags: Flags): Takes {
  const takes = takenExactly(node, flags);
  if (!flags.ignoreCase) return takes;
  if (node.type === 'Character') return (point) => caseVariants(node.value).includes(point);
  return (point) => takes(point) || caseVariants(point).some(takes);
}

function takenExactly(node: CharacterClassElementNode, flags: Flags): Takes {
  switch (node.type) {
    case 'Character':
      return (point) => point === node.value;
    case 'CharacterClassRange':
      return (point) => point >= node.min.value && point <= node.max.value;
    case 'CharacterClass':
      return takenByClass(node, flags);
    case 'CharacterSet':
      return takenBySet(node, flags);
  }
}

function takenByClass({ kind, negate, body }: CharacterClassNode, flags: Flags): Takes {
  const parts = body.map((part): Takes => {
    if (part.type !== 'CharacterSet' || part.kind !== 'word' || flags.ignoreCase) return takenExactly(part, flags);
    return part.negate ? (point) => !isBracketedWord(point) : isBracketedWord;
  });
  const takes: Takes =
    kind === 'union' ? (point) => parts.some((part) => part(point)) : (point) => parts.every((part) => part(point));
  return negate ? (point) => !takes(point) : takes;
}

function takenBySet(node: CharacterSetNode, flags: Flags): Takes {
  const takes = setOf(node, flags);
  return node.negate ? (point) => !takes(point) : takes;
}

function setOf(node: CharacterSetNode, { dotAll, ignoreCase }: Flags): Takes {
  if (ignoreCase && ['posix', 'property', 'word'].includes(node.kind)) {
    throw new UnsupportedPattern('a property or \\w without regard to case');
  }
  switch (node.kind) {
    case 'any':
      return () => true;
    case 'dot':
      return dotAll ? () => true : (point) => point !== 0xa;
    case 'digit':
      return isDigit;
    case 'hex':
      return posixClasses.xdigit;
    case 'newline':
      return (point) => point === 0xa; // negated: \N
    case 'space':
      return isWhiteSpace;
    case 'word':
      return isWordCharacter;
    case 'posix': {
      if (!Object.hasOwn(posixClasses, node.value)) throw new UnsupportedPattern(`[[:${node.value}:]]`);
      return posixClasses[node.value];
    }
    case 'property': {
      const takes = propertyOf(node.value);
      if (!takes) throw new UnsupportedPattern(`\\p{${node.value}}`);
      return takes;
    }
    default:
      throw new UnsupportedPattern(unsupportedNames[node.kind] ?? node.kind);
  }
}
