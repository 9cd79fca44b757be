import { describe, expect, it } from 'vitest';
import { perceptualScore } from './perceptual-score';
import { effectiveRobustness, type NoiseCurve, relativeRobustness } from './robustness';
import { spreadOf } from './spread';

describe('relativeRobustness', () => {
  it('is the area under the curve', () => {
    expect(
      relativeRobustness([
        [0, 1],
        [1, 1],
      ]),
    ).toBe(1);
    expect(
      relativeRobustness([
        [0, 1],
        [1, 0],
      ]),
    ).toBe(0.5);
    // 0.25 · (0.9 + 0.7) / 2 + 0.75 · (0.7 + 0.1) / 2 = 0.2 + 0.3
    expect(
      relativeRobustness([
        [0, 0.9],
        [0.25, 0.7],
        [1, 0.1],
      ]),
    ).toBeCloseTo(0.5, 12);
  });
});

describe('effectiveRobustness', () => {
  const lateFusion: NoiseCurve = [
    [0, 0.8],
    [0.5, 0.6],
    [1, 0.2],
  ];

  it('of late fusion is 0, and so of what falls as that does from another height', () => {
    expect(effectiveRobustness(lateFusion, lateFusion)).toBe(0);
    const higher: NoiseCurve = lateFusion.map(([sigma, accuracy]) => [sigma, accuracy + 0.1]);
    expect(effectiveRobustness(higher, lateFusion)).toBeCloseTo(0, 12);
  });

  it('is the area between the curve and late fusion moved to begin where it does', () => {
    // β = 0.9, 0.7, 0.3; f − β = 0, 0.1, 0.2: 0.5 · 0.1 / 2 + 0.5 · 0.3 / 2 = 0.025 + 0.075
    const slower: NoiseCurve = [
      [0, 0.9],
      [0.5, 0.8],
      [1, 0.5],
    ];
    expect(effectiveRobustness(slower, lateFusion)).toBeCloseTo(0.1, 12);
    // β = 1, 0.8, 0.4; f − β = 0, −0.3, −0.2: −0.075 − 0.125
    expect(
      effectiveRobustness(
        [
          [0, 1],
          [0.5, 0.5],
          [1, 0.2],
        ],
        lateFusion,
      ),
    ).toBeCloseTo(-0.2, 12);
  });
});

describe('perceptualScore', () => {
  it('is what is lost on average over permutations, also as a share of the accuracy', () => {
    const { lost, share } = perceptualScore(0.8, [0.3, 0.5]);
    expect(lost).toBeCloseTo(0.4, 12);
    expect(share).toBeCloseTo(0.5, 12);
  });

  it('is 0 for a modality that is not looked at, and negative for one that misleads', () => {
    expect(perceptualScore(0.6, [0.6])).toEqual({ lost: 0, share: 0 });
    expect(perceptualScore(0.5, [0.6]).share).toBeCloseTo(-0.2, 12);
    expect(perceptualScore(0, [0]).share).toBe(0);
  });
});

it('spreadOf gives mean and sample standard deviation', () => {
  const { mean, sd } = spreadOf([0.7, 0.8, 0.9]);
  expect(mean).toBeCloseTo(0.8, 12);
  expect(sd).toBeCloseTo(0.1, 12); // √((0.01 + 0 + 0.01) / 2)
  expect(spreadOf([0.4])).toEqual({ mean: 0.4, sd: 0 });
});
