import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigError, DuplicateNameError, UnknownNameError } from './errors';
import { defineFusion, definePlugin, type Plugin } from './plugin';
import { createRegistry } from './registry';
import { numbersPlugin } from './testing/test-parts';

const [sum] = numbersPlugin.fusions!;

function fusions(plugin: string, ...names: string[]) {
  return definePlugin({
    name: plugin,
    specificationVersion: 'v1',
    fusions: names.map((name) => defineFusion({ name, config: z.object({}), create: sum.create })),
  });
}

describe('createRegistry', () => {
  it('finds parts under their names', () => {
    const registry = createRegistry([numbersPlugin, fusions('@acme/fusions', 'late', 'early')]);
    expect(registry.names).toEqual({
      modalities: ['numbers'],
      encoders: ['numbers'],
      fusions: ['sum', 'late', 'early'],
      heads: ['total'],
      adapters: [],
      augmentations: [],
    });
    expect(registry.fusion('sum')).toBe(sum);
    expect(registry.encoder('numbers').modality).toBe('numbers');
    expect(registry.head('total').name).toBe('total');
    expect(registry.modality('numbers').description).toBe('an array of numbers');
  });

  it('refuses two parts of one kind and name, and names both plugins', () => {
    expect(() => createRegistry([fusions('@acme/a', 'late'), fusions('@acme/b', 'late')])).toThrow(DuplicateNameError);
    expect(() => createRegistry([fusions('@acme/a', 'late'), fusions('@acme/b', 'late')])).toThrow(
      '@acme/b: expected a name that no fusion has yet, received "late", which @acme/a has registered.',
    );
    expect(() => createRegistry([fusions('@acme/a', 'late', 'late')])).toThrow(DuplicateNameError);
    expect(() => createRegistry([numbersPlugin, numbersPlugin])).toThrow(DuplicateNameError);
  });

  it('lets parts of different kinds share a name', () => {
    expect(createRegistry([numbersPlugin, fusions('@acme/a', 'numbers')]).names.fusions).toEqual(['sum', 'numbers']);
  });

  it('knows which plugins a config takes its parts from, and their modalities', () => {
    const { modalities, encoders, ...others } = numbersPlugin;
    const split = [
      definePlugin({ name: 'kinds', specificationVersion: 'v1', modalities }),
      fusions('unused', 'late'),
      definePlugin({ name: 'encoders', specificationVersion: 'v1', encoders }),
      definePlugin({ ...others, name: 'others' }),
    ] as const;
    const used = createRegistry(split).pluginsOf({
      hiddenSize: 4,
      encoders: { left: { use: 'numbers' } },
      fusion: { use: 'sum' },
      heads: { total: { use: 'total' } },
    });
    expect(used.map(({ name }) => name)).toEqual(['kinds', 'encoders', 'others']);
  });

  it('suggests the nearest names for an unknown one, and lists all', () => {
    const registry = createRegistry([numbersPlugin, fusions('@acme/fusions', 'masked-transformer', 'mean')]);
    expect(() => registry.fusion('maskedtransformer', 'fusion.use')).toThrow(UnknownNameError);
    expect(() => registry.fusion('maskedtransformer', 'fusion.use')).toThrow(
      'fusion.use: expected the name of a registered fusion, received "maskedtransformer". ' +
        'Did you mean "masked-transformer"? Known: sum, masked-transformer, mean.',
    );
    expect(() => registry.head('segmentation')).toThrow('received "segmentation". Known: total.');
    expect(() => createRegistry([]).encoder('vit')).toThrow(
      'Known: none. If a plugin brings the encoder, it is missing from the registry: give it to createRegistry too.',
    );
  });

  it('says which entry has an encoder that the package brings elsewhere', () => {
    const registry = createRegistry([{ ...numbersPlugin, elsewhere: { 'big-numbers': '@acme/numbers/big' } }]);
    expect(() => registry.encoder('big-numbers', 'encoders.n.use')).toThrow(UnknownNameError);
    expect(() => registry.encoder('big-numbers', 'encoders.n.use')).toThrow(
      'encoders.n.use: expected the name of a registered encoder, received "big-numbers". ' +
        'The plugin of @acme/numbers/big brings it: give createRegistry that one too.',
    );
  });

  it('finds nothing under the names that every object has', () => {
    const registry = createRegistry([numbersPlugin]);
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
      expect(() => registry.encoder(name)).toThrow(UnknownNameError);
    }
  });

  it('makes registries that know nothing of one another', () => {
    const [a, b] = [createRegistry([fusions('@acme/a', 'late')]), createRegistry([fusions('@acme/b', 'late')])];
    expect(a.fusion('late')).not.toBe(b.fusion('late'));
    expect(() => createRegistry([]).fusion('late')).toThrow(UnknownNameError);
  });

  it('refuses an encoder of a modality that no plugin defines', () => {
    const { modalities: _, ...rest } = numbersPlugin;
    expect(() => createRegistry([rest as Plugin])).toThrow(
      'encoder "numbers": expected the name of a registered modality, received "numbers". Known: none.',
    );
  });

  it('says which of the plugins is none', () => {
    for (const plugins of [[numbersPlugin, undefined], Object.assign(new Array(2), { 0: numbersPlugin })]) {
      expect(() => createRegistry(plugins as Plugin[])).toThrow(/^createRegistry, plugin 1: .*received nothing/);
    }
  });

  it('refuses a plugin whose parts are none', () => {
    const withParts = (parts: object) => () => createRegistry([{ ...numbersPlugin, ...parts } as Plugin]);
    expect(withParts({ encodrs: [] })).toThrow('plugin "numbers": expected only known options, received "encodrs".');
    expect(withParts({ encoders: 5 })).toThrow('plugin "numbers".encoders: expected an array, received 5.');
    expect(withParts({ encoders: [null] })).toThrow('plugin "numbers".encoders.0: expected an object, received null.');
    expect(withParts({ heads: [{ name: 'h' }] })).toThrow('plugin "numbers".heads.0.config: expected a schema made by');
    expect(withParts({ heads: [{ ...numbersPlugin.heads![0], create: 3 }] })).toThrow('create: expected a function');
  });

  it('finds nothing under what is no name', () => {
    const registry = createRegistry([numbersPlugin]);
    for (const name of [undefined, null, 3, {}])
      expect(() => registry.head(name as unknown as string)).toThrow(UnknownNameError);
  });

  it('refuses what is no plugin, or one of another specification', () => {
    for (const wrong of [undefined, null, {}, { default: numbersPlugin }, 'vision']) {
      expect(() => createRegistry([wrong as unknown as Plugin])).toThrow(ConfigError);
    }
    expect(() => createRegistry(new Array(1))).toThrow('received nothing');
    for (const wrong of [undefined, null, numbersPlugin, 'vision']) {
      expect(() => createRegistry(wrong as unknown as Plugin[])).toThrow(
        /^createRegistry: expected an array of plugins, received .* createRegistry\(\[plugin\]\)/,
      );
    }
    expect(() => createRegistry([{ default: numbersPlugin } as unknown as Plugin])).toThrow(
      'Pass the plugin itself (often the default export of its package), not the package namespace.',
    );
    expect(() => createRegistry([{ ...numbersPlugin, specificationVersion: 'v2' } as unknown as Plugin])).toThrow(
      'numbers: expected a plugin of specification "v1", as definePlugin returns it, received specification "v2".',
    );
  });
});
