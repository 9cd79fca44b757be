import type { AlternativeElementNode, AlternativeNode } from 'oniguruma-parser/parser';
import { UnsupportedPattern } from './unsupported-pattern';

/** How many characters a look behind takes. @throws UnsupportedPattern for more than are looked back on */
export function lookBehindLength(alternatives: readonly AlternativeNode[]): { min: number; max: number } {
  const lengths = alternatives.map(({ body }) =>
    body
      .map(lengthOfNode)
      .reduce((sum, { min, max }) => ({ min: sum.min + min, max: sum.max + max }), { min: 0, max: 0 }),
  );
  const longest = Math.max(...lengths.map(({ max }) => max));
  if (longest > 255) throw new UnsupportedPattern('a look behind of more than 255 characters');
  return { min: Math.min(...lengths.map(({ min }) => min)), max: longest };
}

function lengthOfNode(node: AlternativeElementNode): { min: number; max: number } {
  switch (node.type) {
    case 'Assertion':
    case 'LookaroundAssertion':
    case 'Directive':
      return { min: 0, max: 0 };
    case 'CharacterSet':
      return { min: 1, max: node.variableLength ? 2 : 1 };
    case 'Group':
    case 'CapturingGroup':
      return lookBehindLength(node.body);
    case 'Quantifier': {
      const body = lengthOfNode(node.body);
      return { min: body.min * node.min, max: body.max === 0 ? 0 : body.max * node.max };
    }
    default:
      return { min: 1, max: 1 };
  }
}
