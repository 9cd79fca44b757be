import { type Encoder, Parameter } from '@polymodal/core';
import { expect, it } from 'vitest';
import { lastLayers } from './last-layers';

/** An encoder of two layers, of whose parameters the path begins with the place. */
const encoder = { depth: 2, layerOf: (path: string) => Number(path[0]) } as Encoder;

it('leaves of encoders the last layers and what follows them, and all of fusion and heads', () => {
  const ofEncoder = ['0.embeddings', '1.weight', '2.weight', '3.norm'].map((path) => `encoders.text.${path}`);
  const parameters = [...ofEncoder, 'fusion.weight', 'heads.tone.weight'].map((path) => ({
    path,
    parameter: new Parameter([1], () => new Float32Array(1)),
    learningRate: 2,
    weightDecay: 0.1,
  }));
  const left = (count: number) =>
    lastLayers({ encoders: { text: encoder } }, parameters, count).map(({ path }) => path);
  expect(left(0)).toEqual(['encoders.text.3.norm', 'fusion.weight', 'heads.tone.weight']);
  expect(left(1)).toEqual(['encoders.text.2.weight', 'encoders.text.3.norm', 'fusion.weight', 'heads.tone.weight']);
  expect(left(5)).toHaveLength(6);
});
