import { describe, expect, it } from 'vitest';
import { FileFormatError } from './errors';
import { initialize, Module } from './module';
import { Parameter } from './parameter';
import { readParameters, writeParameters } from './parameter-values';
import { RandomKey } from './random-key';
import type { NamedTensor } from './safetensors';

class Layer extends Module {
  readonly weight = new Parameter([2, 3], (_, key) => key.normal(6));
  readonly bias = new Parameter([3], (_, key) => key.normal(3));
}

function initialized(): Layer {
  const layer = new Layer();
  initialize(layer, RandomKey.from(0));
  return layer;
}

function complaint(change: (values: Map<string, NamedTensor>) => void): string {
  const layer = initialized();
  const before = [...layer.parameters().values()].map(({ value }) => [...value.dataSync()]);
  const values = new Map<string, NamedTensor>([
    ['weight', { shape: [2, 3], data: new Float32Array(6) }],
    ['bias', { shape: [3], data: new Float32Array(3) }],
  ]);
  change(values);
  try {
    writeParameters(layer, values, 'model.safetensors');
  } catch (error) {
    expect(error).toBeInstanceOf(FileFormatError);
    expect([...layer.parameters().values()].map(({ value }) => [...value.dataSync()])).toEqual(before);
    return (error as Error).message;
  }
  return expect.fail('the values were accepted');
}

describe('readParameters and writeParameters', () => {
  it('carry every value over', async () => {
    const [from, to] = [initialized(), new Layer()];
    writeParameters(to, await readParameters(from), 'memory');
    expect(await readParameters(to)).toEqual(await readParameters(from));
  });

  it('copy: changing what was read changes no parameter', async () => {
    const layer = initialized();
    const values = await readParameters(layer);
    const before = [...layer.bias.value.dataSync()];
    values.get('bias')!.data.fill(9);
    expect([...layer.bias.value.dataSync()]).toEqual(before);
  });

  it('write all or nothing, and say what is missing, unknown or of another shape', () => {
    expect(complaint((values) => values.delete('bias'))).toBe(
      'model.safetensors: expected exactly the 2 parameters of the model, received without bias. The weights belong to a model of another config.',
    );
    expect(complaint((values) => values.set('gamma', values.get('bias')!))).toContain(
      'received with the unknown gamma',
    );
    expect(
      complaint((values) => {
        values.delete('bias');
        for (let i = 0; i < 5; i++) values.set(`b${i}`, { shape: [1], data: new Float32Array(1) });
      }),
    ).toContain('received without bias and with the unknown b0, b1, b2 and 2 more');
    expect(complaint((values) => values.set('weight', { shape: [3, 2], data: new Float32Array(6) }))).toBe(
      'model.safetensors, weight: expected shape [2,3], received [3,2].',
    );
  });
});
