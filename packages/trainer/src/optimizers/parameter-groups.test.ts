import { ConfigError, Module, Parameter } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { assignGroups, type GroupSettings, startingPoints } from './parameter-groups';

const shapes = { 'encoders.text.weight': [2, 2], 'encoders.text.bias': [2], 'encoders.textual.weight': [2, 2] };
const defaults = { learningRate: 1e-4, weightDecay: 0.1 };

class TiedHead extends Module {}

/** A model whose head has no parameters of its own. */
function model() {
  const parameters = new Map(
    Object.entries(shapes).map(([path, shape]) => [path, new Parameter(shape, () => new Float32Array())]),
  );
  const modules = new Map<string, Module>([['heads.text', new TiedHead()]]);
  return { parameters: () => parameters, modules: () => modules };
}

const learning = (settings: Partial<GroupSettings>) =>
  assignGroups(model(), [], { ...defaults, ...settings }).map(({ path }) => path);

describe('assignGroups', () => {
  it('gives the settings of the first group that matches a whole path segment, and never decays vectors', () => {
    const groups = [startingPoints.text, { match: 'encoders', weightDecay: 0.3 }];
    const found = assignGroups(model(), groups, defaults).map(({ parameter: _, ...settings }) => settings);
    expect(found).toEqual([
      { path: 'encoders.text.weight', learningRate: 1e-3, weightDecay: 0.1 },
      { path: 'encoders.text.bias', learningRate: 1e-3, weightDecay: 0 },
      { path: 'encoders.textual.weight', learningRate: 1e-4, weightDecay: 0.3 },
    ]);
  });

  it('names a group that matches nothing and the nearest module', () => {
    expect(() => assignGroups(model(), [{ match: 'encoders.txt' }], defaults)).toThrow(/"encoders.text"/);
  });

  it('leaves out what is frozen, and refuses a model of which everything is', () => {
    const frozen = model();
    frozen.parameters().get('encoders.text.weight')!.trainable = false;
    const left = ['encoders.text.bias', 'encoders.textual.weight'];
    expect(assignGroups(frozen, [], defaults).map(({ path }) => path)).toEqual(left);
    for (const path of left) frozen.parameters().get(path)!.trainable = false;
    expect(() => assignGroups(frozen, [], defaults)).toThrow(ConfigError);
    expect(() => assignGroups(frozen, [], defaults)).toThrow(/expected at least one trainable parameter, received 3/);
  });

  it('takes a part without parameters of its own beside others, and refuses it alone', () => {
    expect(learning({ train: ['heads', 'encoders.text'] })).toEqual(['encoders.text.weight', 'encoders.text.bias']);
    expect(learning({ freeze: ['encoders.text', 'heads.text'] })).toEqual(['encoders.textual.weight']);
    const alone =
      /^train\.(freeze\.0|train\.0|parameterGroups\.0\.match): expected the path of something that has parameters, received "heads"/;
    expect(() => learning({ freeze: ['heads'] })).toThrow(alone);
    expect(() => learning({ train: ['heads'] })).toThrow(alone);
    expect(() => assignGroups(model(), [{ match: 'heads', weightDecay: 0 }], defaults)).toThrow(alone);
    expect(() => learning({ freeze: ['heads.txt', 'encoders.text'] })).toThrow(/^train\.freeze\.0: .*"heads\.text"/);
  });
});
