import { RandomKey } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { gestureSamples } from './gesture-samples.js';
import { gestures } from './motion.js';

describe('gestureSamples', () => {
  const samples = gestureSamples(400, RandomKey.from(1));

  it('are as many of each gesture, in no order', () => {
    const labels = samples.map(({ targets }) => targets.gesture);
    for (const gesture of gestures) expect(labels.filter((label) => label === gesture)).toHaveLength(100);
    expect(labels.slice(0, 8)).not.toEqual([...gestures, ...gestures]);
  });

  it('are the same for the same key and share nothing with those of another', () => {
    expect(gestureSamples(8, RandomKey.from(1).fold('a'))).toEqual(gestureSamples(8, RandomKey.from(1).fold('a')));
    const others = new Set(gestureSamples(400, RandomKey.from(2)).map(({ motion }) => JSON.stringify(motion.readings)));
    expect(samples.some(({ motion }) => others.has(JSON.stringify(motion.readings)))).toBe(false);
  });

  it('have words that leave a quarter of the gestures open', () => {
    const vague = samples.filter(({ word }) => ['move', 'gesture', 'that', 'again', 'motion'].includes(word)).length;
    // A quarter are vague, of which half or more are spelt right: 50 to 60 of 400, give or take three deviations of 7.
    expect(vague).toBeGreaterThan(29);
    expect(vague).toBeLessThan(81);
  });
});
