import { describe, expect, it } from 'vitest';
import { NamePattern } from './name-pattern';

describe('NamePattern', () => {
  it.each<[string, string, Record<string, string> | undefined]>([
    ['layers.{i}.norm.*', 'layers.12.norm.weight', { '{i}': '12', '*': 'weight' }],
    ['stages.{i}.blocks.{j}.x', 'stages.1.blocks.0.x', { '{i}': '1', '{j}': '0' }],
    ['layers.{i}.x', 'layers.01.x', undefined], // not how anyone writes a number
    ['layers.{i}.x', 'layers.one.x', undefined],
    ['layers.{i}.x', 'layersX0.x', undefined],
    ['norm.*', 'norm.a.b', undefined],
    ['norm', 'norm.weight', undefined],
    ['cls.**', 'cls.predictions.bias', { '**': 'predictions.bias' }],
    ['cls.**', 'clsx.bias', undefined],
    ['a+(b)', 'a+(b)', {}],
    ['a+(b)', 'aab', undefined],
  ])('%j finds in %j what stands in its places', (pattern, name, expected) => {
    const found = new NamePattern(pattern).match(name);
    expect(found && Object.fromEntries(found)).toEqual(expected);
  });

  it('puts what one pattern found into the places of another', () => {
    const binding = new NamePattern('layers.{i}.norm.*').match('layers.3.norm.bias')!;
    expect(new NamePattern('encoder.layer.{i}.LayerNorm.*').fill(binding)).toBe('encoder.layer.3.LayerNorm.bias');
  });
});
