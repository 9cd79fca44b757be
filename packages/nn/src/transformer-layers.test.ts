import { describe, expect, it } from 'vitest';
import { transformerLayers } from './transformer-layers';
import { resolveTransformerConfig, type TransformerOptions } from './transformer-options';

const options: TransformerOptions = {
  numHiddenLayers: 5,
  numAttentionHeads: 2,
  hiddenAct: 'gelu',
  hiddenDropout: 0,
  attentionDropout: 0,
  dropPath: 0.2,
  layerNormEps: 1e-6,
};

describe('transformerLayers', () => {
  it('drops branches the more often the deeper they lie', () => {
    const layers = transformerLayers(resolveTransformerConfig(options, 8));
    expect(layers.map((layer) => layer.dropPath)).toEqual(
      [0, 0.05, 0.1, 0.2 * 0.75, 0.2].map((rate) => expect.closeTo(rate)),
    );
  });

  it('gives a single layer no stochastic depth', () => {
    const [layer] = transformerLayers(resolveTransformerConfig({ ...options, numHiddenLayers: 1 }, 8));
    expect(layer.dropPath).toBe(0);
  });

  it('hands every option to its layers', () => {
    const layers = transformerLayers({ ...resolveTransformerConfig(options, 8), normPosition: 'post' });
    for (const layer of layers) {
      expect(layer.normPosition).toBe('post');
      expect(layer.norm1.eps).toBe(1e-6);
      expect(layer.feedForward.intermediate.outputSize).toBe(32);
    }
  });
});
