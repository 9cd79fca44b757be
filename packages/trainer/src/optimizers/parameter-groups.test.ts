import { ConfigError, Parameter } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { assignGroups, startingPoints } from './parameter-groups';

const shapes = { 'encoders.text.weight': [2, 2], 'encoders.text.bias': [2], 'encoders.textual.weight': [2, 2] };
const defaults = { learningRate: 1e-4, weightDecay: 0.1 };

function parameters() {
  return new Map(Object.entries(shapes).map(([path, shape]) => [path, new Parameter(shape, () => new Float32Array())]));
}

describe('assignGroups', () => {
  it('gives the settings of the first group that matches a whole path segment, and never decays vectors', () => {
    const groups = [startingPoints.text, { match: 'encoders', weightDecay: 0.3 }];
    const found = assignGroups(parameters(), groups, defaults).map(({ parameter: _, ...settings }) => settings);
    expect(found).toEqual([
      { path: 'encoders.text.weight', learningRate: 1e-3, weightDecay: 0.1 },
      { path: 'encoders.text.bias', learningRate: 1e-3, weightDecay: 0 },
      { path: 'encoders.textual.weight', learningRate: 1e-4, weightDecay: 0.3 },
    ]);
  });

  it('names a group that matches nothing and the nearest module', () => {
    expect(() => assignGroups(parameters(), [{ match: 'encoders.txt' }], defaults)).toThrow(/"encoders.text"/);
  });

  it('refuses a model of which everything is frozen', () => {
    const frozen = parameters();
    for (const parameter of frozen.values()) parameter.trainable = false;
    expect(() => assignGroups(frozen, [], defaults)).toThrow(ConfigError);
  });
});
