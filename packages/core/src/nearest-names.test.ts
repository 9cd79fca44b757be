import { describe, expect, it } from 'vitest';
import { nearestNames, suggestNames, suggestPaths } from './nearest-names';

const known = ['vit', 'convnext', 'masked-transformer', 'mean', 'hiddenSize'];

describe('nearestNames', () => {
  it('finds what a name may have been meant to be, nearest first', () => {
    expect(nearestNames('vitt', known)).toEqual(['vit']);
    expect(nearestNames('masked_transformer', known)).toEqual(['masked-transformer']);
    expect(nearestNames('HIDDENSIZE', known)).toEqual(['hiddenSize']);
    expect(nearestNames('lr', ['learningRate', 'layerDecay', 'lastLayers', 'l'])).toEqual(['learningRate', 'l']);
    expect(nearestNames('aab', ['abb', 'aab', 'bbb'])[0]).toBe('aab');
  });

  it('finds nothing for a name that is like none', () => {
    expect(nearestNames('swin-transformer-v2', known)).toEqual([]);
  });

  it('gives at most three', () => {
    expect(nearestNames('ab', ['aa', 'bb', 'ab', 'ba', 'ac'])).toHaveLength(3);
  });
});

describe('suggestNames', () => {
  it('asks, and lists what is known', () => {
    expect(suggestNames('vitt', ['vit', 'mean'])).toBe('Did you mean "vit"? Known: vit, mean.');
    expect(suggestNames('zzzzzz', ['vit'])).toBe('Known: vit.');
    expect(suggestNames('vit', [])).toBe('Known: none.');
  });
});

describe('suggestPaths', () => {
  it('compares the known paths as deep as the one', () => {
    const known = ['encoders.photo.layers.0.weight', 'encoders.photo.bias', 'heads.ripe.bias'];
    expect(suggestPaths('encoders.foto', known)).toBe(
      'Did you mean "encoders.photo"? Known: encoders.photo, heads.ripe.',
    );
    expect(suggestPaths('encoder', known)).toBe('Did you mean "encoders"? Known: encoders, heads.');
  });
});
