import { describe, expect, it } from 'vitest';
import type { DigitSample } from './data';
import type { Figures } from './figures';
import { share, summarize } from './results';

const test = {
  length: 40,
  get: (index: number) => ({ targets: { digit: index < 10 ? 3 : index % 10 } }) as DigitSample,
};

function figures(accuracy: number): Figures {
  const odd = { followsTheTwo: accuracy, followsTheOne: 0.1, neither: 0.9 - accuracy, confidence: 0.5 };
  return {
    accuracy: { image: accuracy },
    retrieval: { 'image→text': accuracy / 2 },
    contradiction: { image: odd },
    epochs: [],
    seconds: 1,
  };
}

describe('share', () => {
  it('is the mean and the sample standard deviation over the seeds', () => {
    const { mean, sd } = share([0.7, 0.8, 0.9], 100);
    expect(mean).toBeCloseTo(0.8, 12);
    expect(sd).toBeCloseTo(0.1, 12); // √((0.01 + 0 + 0.01) / 2)
  });

  it('has the interval of Wilson for the number of test samples', () => {
    // Wilson (1927) for 8 of 10 at 95 %: (0.8 + z²/20 ± z √(0.016 + z²/400)) / (1 + z²/10)
    expect(share([0.8], 10)).toMatchObject({ sd: 0, low: expect.closeTo(0.4902, 4), high: expect.closeTo(0.9433, 4) });
  });
});

describe('summarize', () => {
  const run = { backend: 'cpu', seconds: 2, peakRssBytes: 3 };
  const results = summarize([figures(0.4), figures(0.6)], { mean: [figures(0.3), figures(0.5)] }, test, run);

  it('sums up the seeds of the model and of each rival', () => {
    expect(results).toMatchObject({ ...run, seeds: 2, testSamples: 40, chance: 0.1 });
    expect(results.accuracy.image.mean).toBeCloseTo(0.5, 12);
    expect(results.retrieval['image→text'].mean).toBeCloseTo(0.25, 12);
    expect(results.rivals.mean.accuracy.image.mean).toBeCloseTo(0.4, 12);
    expect(results.rivals.mean.contradiction.image.neither).toBeCloseTo(0.5, 12);
    expect(results.contradiction.image.followsTheTwo).toBeCloseTo(0.5, 12);
  });

  it('names the share of the most frequent digit', () => {
    expect(results.majority).toBe((10 + 3) / 40); // 3 stands in the first ten places and in three of the other thirty
  });
});
