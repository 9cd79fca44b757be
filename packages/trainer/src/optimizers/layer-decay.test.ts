import { type Encoder, Parameter } from '@polymodal/core';
import { expect, it } from 'vitest';
import { decayLayers } from './layer-decay';

/** An encoder of two layers, of whose parameters the path begins with the place. */
const encoder = { depth: 2, layerOf: (path: string) => Number(path[0]) } as Encoder;

it('multiplies rates as get_parameter_groups of BEiT does: by the decay once for each layer that follows', () => {
  const paths = [
    'encoders.text.0.embeddings',
    'encoders.text.1.weight',
    'encoders.text.2.weight',
    'encoders.text.3.norm',
  ];
  const parameters = [...paths, 'fusion.weight', 'heads.tone.weight'].map((path) => ({
    path,
    parameter: new Parameter([1], () => new Float32Array(1)),
    learningRate: 2,
    weightDecay: 0.1,
  }));
  const decayed = decayLayers({ encoders: { text: encoder } }, parameters, 0.5);
  // BEiT: values = [decay ** (depth + 1 - i) for i in range(depth + 2)], embeddings 0, block i at i + 1, all else last
  expect(decayed.map(({ learningRate }) => learningRate)).toEqual([0.25, 0.5, 1, 2, 2, 2]);
  expect(decayed.map(({ path, weightDecay }) => [path, weightDecay])).toEqual(
    parameters.map(({ path }) => [path, 0.1]),
  );
  expect(decayLayers({ encoders: { text: encoder } }, parameters, 1)).toEqual(parameters);
});
