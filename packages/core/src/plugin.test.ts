import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigError } from './errors';
import { defineEncoder, defineFusion, defineHead, defineModality, definePlugin, defineProcessor } from './plugin';

const create = () => ({}) as never;
const config = z.object({});
const definitions: [string, (definition: never) => unknown, object][] = [
  ['modality', defineModality, { id: 'imu', description: 'readings' }],
  ['processor', defineProcessor, { config, create }],
  ['encoder', defineEncoder, { name: 'conv', modality: 'imu', processor: { config, create }, config, create }],
  ['fusion', defineFusion, { name: 'late', config, create }],
  ['head', defineHead, { name: 'class', config, create }],
  ['plugin', definePlugin, { name: '@acme/imu', specificationVersion: 'v1' }],
];

describe.each(definitions)('the definition of a %s', (kind, define: (definition: never) => unknown, complete) => {
  it('is given back as it is', () => {
    expect(define(complete as never)).toBe(complete);
  });

  it.each([undefined, null, 3, 'vit', []])('is not %o', (wrong) => {
    expect(() => define(wrong as never)).toThrow(ConfigError);
    expect(() => define(wrong as never)).toThrow(new RegExp(`^${kind}: expected an object, received `));
  });

  it('is complete', () => {
    for (const key of Object.keys(complete)) {
      const { [key as never]: _, ...rest } = complete;
      expect(() => define(rest as never)).toThrow(new RegExp(`${key}: expected .*, received nothing`));
    }
  });
});

describe('a definition', () => {
  it('of a plugin has no list that nobody reads', () => {
    const plugin = { name: '@acme/imu', specificationVersion: 'v1', modalites: [] } as const;
    expect(() => definePlugin(plugin as never)).toThrow('received "modalites". Did you mean "modalities"');
  });

  it('says by name which part of it is wrong', () => {
    expect(() => defineHead({ name: 'class', config: {} as never, create })).toThrow(
      'head "class".config: expected a schema made by z.object, received an object with nothing in it.',
    );
  });
});
