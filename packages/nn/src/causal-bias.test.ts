import { describe, expect, it } from 'vitest';
import { causalBias } from './causal-bias';
import { EXCLUDED_LOGIT } from './excluded-logit';

describe('causalBias', () => {
  it('excludes what comes later', () => {
    const x = EXCLUDED_LOGIT;
    expect(causalBias(3).arraySync()).toEqual([
      [
        [
          [0, x, x],
          [0, 0, x],
          [0, 0, 0],
        ],
      ],
    ]);
  });

  it('excludes what lies before a window too', () => {
    const x = EXCLUDED_LOGIT;
    expect(causalBias(4, 2).arraySync()).toEqual([
      [
        [
          [0, x, x, x],
          [0, 0, x, x],
          [x, 0, 0, x],
          [x, x, 0, 0],
        ],
      ],
    ]);
  });
});
