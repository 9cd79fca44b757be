import { parseConfig } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { resolveTransformerConfig, transformerOptions } from './transformer-options';

const schema = z.strictObject(transformerOptions);

describe('transformerOptions', () => {
  it('make a config whose feed-forward networks are four times as wide as its tokens', () => {
    expect(resolveTransformerConfig(parseConfig(schema, { numHiddenLayers: 2 }, 'fusion'), 32)).toEqual({
      hiddenSize: 32,
      numHiddenLayers: 2,
      numAttentionHeads: 4,
      intermediateSize: 128,
      hiddenAct: 'gelu',
      hiddenDropout: 0.1,
      attentionDropout: 0,
      dropPath: 0,
      layerNormEps: 1e-5,
    });
  });

  it('keep what is given, and leave out what belongs to others', () => {
    const options = { ...parseConfig(schema, { intermediateSize: 48, hiddenAct: 'relu' }, ''), patchSize: 8 };
    const config = resolveTransformerConfig(options, 32);
    expect(config.intermediateSize).toBe(48);
    expect(config.hiddenAct).toBe('relu');
    expect(config).not.toHaveProperty('patchSize');
  });

  it('name the option that is wrong', () => {
    expect(() => parseConfig(schema, { hiddenDropout: 1 }, 'encoders.text')).toThrow('encoders.text.hiddenDropout');
    expect(() => parseConfig(schema, { hiddenAct: 'gleu' }, 'encoders.text')).toThrow('encoders.text.hiddenAct');
    expect(() => parseConfig(schema, { numHiddenLayer: 2 }, 'encoders.text')).toThrow('"numHiddenLayers"');
  });

  it('refuse heads that do not divide the width', () => {
    const options = parseConfig(schema, { numAttentionHeads: 3 }, '');
    expect(() => resolveTransformerConfig(options, 32)).toThrow(
      'numAttentionHeads: expected a divisor of hiddenSize 32, received 3.',
    );
  });
});
