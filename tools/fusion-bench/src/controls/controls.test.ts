import { RandomKey } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { bestAccuracy, type Control, drawOutcome } from './control';
import { controls } from './controls';

const control = (name: string) => controls.find((own) => own.name === name)!;

describe('bestAccuracy', () => {
  // By hand. xor: a bit alone leaves the other open. unique: one of two bits. conflicting: with a = s and extra = t ≠ s, class s has
  // 0.9 · 0.4 / 3 = 0.12 and class t has 0.1 / 3 · 0.6 = 0.02, so that s is the better answer whatever the extra one says.
  it.each<[name: string, subset: string, expected: number]>([
    ['xor', '', 1 / 2],
    ['xor', 'a', 1 / 2],
    ['xor', 'b', 1 / 2],
    ['xor', 'a b', 1],
    ['copy', '', 1 / 4],
    ['copy', 'a', 1],
    ['copy', 'b', 1],
    ['copy', 'a b', 1],
    ['unique', 'a', 1 / 2],
    ['unique', 'b', 1 / 2],
    ['unique', 'a b', 1],
    ['irrelevant', 'extra', 1 / 4],
    ['irrelevant', 'a extra', 1 / 2],
    ['irrelevant', 'a b', 1],
    ['irrelevant', 'a b extra', 1],
    ['conflicting', 'a', 0.9],
    ['conflicting', 'extra', 0.6],
    ['conflicting', 'a extra', 0.9],
  ])('of %s with "%s"', (name, subset, expected) => {
    const modalities = subset.split(' ').filter((modality) => modality !== '');
    expect(bestAccuracy(control(name), modalities)).toBeCloseTo(expected, 12);
  });

  it('of two sources that err apart from each other weighs them: 0.8 and 0.7 of two classes', () => {
    // Agreeing or not, the surer one is followed: 0.8. With a third as sure as the second, two against one win at times:
    // a ∧ (b ∨ c) or b ∧ c: 0.8 · (1 − 0.3²) + 0.2 · 0.7² = 0.826.
    const right = { a: 0.8, b: 0.7, c: 0.7 };
    const bits = [0, 1];
    const sources: Control = {
      name: 'sources',
      modalities: ['a', 'b', 'c'],
      outcomes: bits.flatMap((answer) =>
        bits.flatMap((a) =>
          bits.flatMap((b) =>
            bits.map((c) => ({
              probability: Object.entries({ a, b, c }).reduce((product, [name, says]) => {
                const own = right[name as keyof typeof right];
                return product * (says === answer ? own : 1 - own);
              }, 0.5),
              says: { a, b, c },
              answer,
            })),
          ),
        ),
      ),
    };
    expect(bestAccuracy(sources, ['a', 'b'])).toBeCloseTo(0.8, 12);
    expect(bestAccuracy(sources, ['a', 'b', 'c'])).toBeCloseTo(0.826, 12);
  });
});

it.each(controls)('$name is a distribution, and is drawn from as it says', (own) => {
  expect(own.outcomes.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 12);
  const drawn = Array.from({ length: 4000 }, (_, index) => drawOutcome(own, RandomKey.from(1).fold(index)));
  for (const outcome of own.outcomes) {
    const share = drawn.filter((one) => one === outcome).length / drawn.length;
    // four standard errors of a share of 4,000
    expect(Math.abs(share - outcome.probability)).toBeLessThan(4 * Math.sqrt(outcome.probability / 4000) + 1e-12);
  }
});
