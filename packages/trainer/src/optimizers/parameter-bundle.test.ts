import { Parameter } from '@polymodal/core';
import { expect, it } from 'vitest';
import { bundleParameters } from './parameter-bundle';

it('keeps what of the fusion is one slot’s apart from the beginning: it has gradients where the slot has', () => {
  const paths = [
    ...['encoders.text.norm.bias', 'encoders.image.norm.bias', 'encoders.text.norm.weight'],
    ...['fusion.projections.text.bias', 'fusion.projections.image.bias', 'fusion.missing.image', 'fusion.norm.bias'],
    'heads.tone.bias',
  ];
  const member = (path: string) => ({
    path,
    learningRate: 1,
    weightDecay: 0,
    parameter: new Parameter([2], () => new Float32Array(2)),
  });
  expect(bundleParameters(paths.map(member)).map(({ members }) => members.map(({ path }) => path))).toEqual([
    ['encoders.text.norm.bias', 'encoders.text.norm.weight'],
    ['encoders.image.norm.bias'],
    ['fusion.projections.text.bias'],
    ['fusion.projections.image.bias', 'fusion.missing.image'],
    ['fusion.norm.bias'],
    ['heads.tone.bias'],
  ]);
});
