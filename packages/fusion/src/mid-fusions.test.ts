import {
  ConfigError,
  type Encoders,
  type Fusion,
  inferenceContext,
  initialize,
  parseConfig,
  RandomKey,
  UnknownNameError,
} from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { bottleneck } from './bottleneck-fusion';
import { type CrossAttentionFusion, crossAttention } from './cross-attention-fusion';
import { film } from './film-fusion';
import { fill, fixedBatch, fixedEncoders, pooledRows, type TestModality } from './testing/fixed-encoder';

const hiddenSize = 8;
const widths = { image: 6, text: 4, audio: 2 };
const depth = { image: 4, text: 2, audio: 3 };
const encoders = fixedEncoders({ depth, widths });
/** With tokens as fixedBatch makes them, which all have usual widths. */
const usual = fixedEncoders({ depth });
const rows: TestModality[][] = [['image', 'text', 'audio'], ['text'], ['image', 'audio']];

const crossing = (options: object, own: Encoders = encoders) =>
  crossAttention.create(parseConfig(crossAttention.config, { numAttentionHeads: 1, ...options }, 'fusion'), {
    hiddenSize,
    encoders: own,
  });
const filming = (options: object, own: Encoders = encoders) =>
  film.create(parseConfig(film.config, { condition: 'text', ...options }, 'fusion'), { hiddenSize, encoders: own });
const sharing = (options: object, own: Encoders = encoders) =>
  bottleneck.create(parseConfig(bottleneck.config, { numAttentionHeads: 1, ...options }, 'fusion'), {
    hiddenSize,
    encoders: own,
  });

/** What a fusion that does nothing between the layers gives: one whose gates and modulations are as they begin, 0. */
function untouched(fusion: Fusion): number[][] {
  initialize(fusion, RandomKey.from(2));
  return pooledRows(fusion, usual, fixedBatch(rows));
}

describe('fusions between the layers of encoders', () => {
  it('leave encoders as they are at first, where gates or modulations begin at 0', () => {
    const gated = untouched(crossing({ gate: true }, usual));
    expect(untouched(crossing({ gate: true, after: [2] }, usual))).toEqual(gated);
    expect(untouched(filming({}, usual))).toEqual(gated); // another fusion, that joins in the same way
    expect(untouched(filming({ mutual: true }, usual))).toEqual(gated);
    expect(untouched(crossing({}, usual))).not.toEqual(gated);
  });

  it('leave rows as they are that have no partner', () => {
    const alone = fixedBatch([['text'], ['image'], ['audio']]);
    for (const fusion of [crossing({}, usual), filming({ condition: 'image', mutual: true }, usual)]) {
      fill(fusion);
      const changed = pooledRows(fusion, usual, alone);
      for (const [path, parameter] of fusion.parameters()) {
        if (!path.startsWith('join')) parameter.assignValues(RandomKey.from(9).fold(path).normal(parameter.size));
      }
      expect(pooledRows(fusion, usual, alone)).toEqual(changed);
    }
  });

  it('tell, where asked, which share of what a modality attends to is whose', () => {
    const fusion = crossing({ reportUsage: true, after: [1, 4] }, usual);
    fill(fusion);
    const { usage } = fusion.forward(usual, fixedBatch(rows), inferenceContext());
    const [image, text, audio] = ['image', 'text', 'audio'].map((slot) => usage![slot].arraySync());
    for (const shares of image) expect(shares).toHaveLength(6); // two steps, three that attend
    for (const at of [0, 3]) {
      expect(image[0][at] + text[0][at] + audio[0][at]).toBeCloseTo(1, 6);
      expect(image[0][at]).toBe(0); // to itself in its own layers
      expect([image[1][at], text[1][at], audio[1][at]]).toEqual([0, 0, 0]); // lacks the image
      expect(audio[2][at]).toBeCloseTo(1, 6); // there is nothing else
    }
    expect([1, 4].map((at) => image[1][at] + text[1][at] + audio[1][at])).toEqual([0, 0]); // text alone
  });

  it('meet where an interaction of 0 is to grow', () => {
    const grows = {
      attends: { text: ['image'] },
      interactions: { text: { image: 0 } },
      scheduleInteractions: { to: { text: { image: 1 } }, steps: 3 },
    };
    const fusion = crossing(grows, usual) as CrossAttentionFusion;
    fill(fusion);
    fusion.interactions.steps!.assignValues(new Float32Array(1));
    const batch = fixedBatch(rows);
    const apart = pooledRows(fusion, usual, batch);
    fusion.interactions.steps!.advance();
    expect(pooledRows(fusion, usual, batch)).not.toEqual(apart);
  });

  it('refuse by name what does not fit', () => {
    expect(() => crossing({ attends: { txt: ['image'] } })).toThrow(UnknownNameError);
    expect(() => crossing({ attends: { text: ['imge'] } })).toThrow(UnknownNameError);
    expect(() => crossing({ attends: { text: ['text'] } })).toThrow('fusion.attends.text: expected other modalities');
    expect(() => crossing({ attends: { text: ['image'] }, interactions: { text: { image: 0 } } })).toThrow(ConfigError);
    expect(() => crossing({ after: [5] })).toThrow('fusion.after: expected layers of the deepest encoder, from 1 to 4');
    expect(() => crossing({ numAttentionHeads: 4 })).toThrow(ConfigError); // does not divide 6
    expect(() => crossing({}, fixedEncoders({ modalities: ['text'] }))).toThrow(ConfigError);
    expect(() => sharing({ after: [3] })).toThrow('fusion.after: expected two layers at least');
    expect(() => sharing({}, fixedEncoders({ depth: 1 }))).toThrow(ConfigError);
    expect(() => filming({ condition: 'question' })).toThrow(UnknownNameError);
    expect(() => filming({}, fixedEncoders({ modalities: ['text'] }))).toThrow(ConfigError);
    expect(() => filming({ condition: 'image', after: [4] })).toThrow('from 1 to 3'); // the image's own do not count
  });
});
