import { inferenceContext } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { none } from './no-fusion';
import { fixedBatch, fixedEncoders } from './testing/fixed-encoder';

describe('the fusion none', () => {
  const encoders = fixedEncoders(); // widths 6, 4 and 5
  const fusion = none.create({}, { hiddenSize: 8, encoders });
  const batch = fixedBatch([['text', 'audio'], ['image'], ['audio']]);
  const { pooled, encoded } = fusion.forward(encoders, batch, inferenceContext());

  it('has no parameters', () => {
    expect(fusion.parameters().size).toBe(0);
    expect(fusion.hiddenSize).toBe(15);
  });

  it('leaves vectors as they are, side by side, with zeros for those that a row lacks', () => {
    const first = (modality: string, row: number) =>
      (batch.modalities[modality].features.tokens.arraySync() as number[][][])[row][0];
    const zeros = (count: number) => new Array<number>(count).fill(0);
    expect(pooled.arraySync()).toEqual([
      [...zeros(6), ...first('text', 0), ...first('audio', 0)],
      [...first('image', 0), ...zeros(9)],
      [...zeros(10), ...first('audio', 1)],
    ]);
    expect(encoded!.audio.pooled.arraySync()).toEqual([first('audio', 0), first('audio', 1)]);
  });
});
