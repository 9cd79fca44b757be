import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { composeModel, composeUnchecked } from './compose-model';
import { PolymodalError } from './errors';
import type { FusedPart } from './fused-part';
import { defineFusion, defineHead, definePlugin, type FusionSetup, type Plugin } from './plugin';
import { createRegistry } from './registry';
import type { Requirements } from './requirements';
import { numbersPlugin, TotalHead } from './testing/test-parts';

const registry = createRegistry([numbersPlugin]);

const config = {
  hiddenSize: 4,
  encoders: { left: { use: 'numbers' }, right: { use: 'numbers', scale: 2 } },
  fusion: { use: 'sum' },
  heads: { total: { use: 'total' }, more: { use: 'total', input: 'total', factor: 3 } },
} as const;

/** What a new user is told. Nothing may have been built by then. */
function complaint(wrong: unknown): string {
  const before = tf.memory().numTensors;
  try {
    composeUnchecked(registry, wrong).dispose();
  } catch (error) {
    expect(PolymodalError.isInstance(error)).toBe(true);
    expect(tf.memory().numTensors).toBe(before);
    return (error as Error).message;
  }
  return expect.fail('the config was accepted');
}

describe('composeModel', () => {
  it('builds the parts that the config names', () => {
    const model = composeModel(registry, config);
    expect(model.modalities).toEqual(['left', 'right']);
    expect([...model.parameters().keys()]).toEqual(['encoders.left.weight', 'encoders.right.weight']);
    expect(Object.keys(model.heads)).toEqual(['total', 'more']);
    expect(model.config).toEqual(config);
    model.dispose();
  });

  it('initialises from the seed of the config', () => {
    const weights = (seed?: number) => {
      const model = composeModel(registry, { ...config, ...(seed !== undefined && { seed }) });
      const values = [...model.parameters().values()].map(({ value }) => [...value.dataSync()]);
      model.dispose();
      return values;
    };
    expect(weights(0)).toEqual(weights());
    expect(weights(1)).toEqual(weights(1));
    expect(weights(1)).not.toEqual(weights(2));
    const [left, right] = weights(1);
    expect(left).not.toEqual(right);
  });

  it('leaves parameters without value where a checkpoint is to fill them', () => {
    const model = composeModel(registry, config, { initialize: false });
    expect([...model.parameters().values()].some(({ isInitialized }) => isInitialized)).toBe(false);
  });

  it('keeps the initial parameters of a slot when another slot is added', () => {
    const model = composeModel(registry, config);
    const { right: _, ...left } = config.encoders;
    const smaller = composeModel(registry, { ...config, encoders: left });
    const path = 'encoders.left.weight';
    const value = (m: typeof model) => [...m.parameters().get(path)!.value.dataSync()];
    expect(value(smaller)).toEqual(value(model));
    model.dispose();
    smaller.dispose();
  });

  it('names an unknown part and the nearest known one', () => {
    expect(complaint({ ...config, encoders: { left: { use: 'nubmers' } } })).toBe(
      'encoders.left.use: expected the name of a registered encoder, received "nubmers". Did you mean "numbers"? Known: numbers.',
    );
    expect(complaint({ ...config, fusion: { use: 'sun' } })).toMatch(/^fusion\.use: .*Did you mean "sum"\?/);
    expect(complaint({ ...config, heads: { total: { use: 'totl' } } })).toMatch(/^heads\.total\.use: .*"total"\?/);
  });

  it('names a misspelt option and the nearest known one, be it of the encoder or of its processor', () => {
    expect(complaint({ ...config, encoders: { left: { use: 'numbers', sclae: 2 } } })).toBe(
      'encoders.left: expected only known options, received "sclae". Did you mean "scale"? Known: numHiddenLayers, scale, several, shared.',
    );
    expect(complaint({ ...config, encoders: { left: { use: 'numbers', numHiddenLayer: 2 } } })).toContain(
      'Did you mean "numHiddenLayers"?',
    );
    expect(complaint({ ...config, fusion: { use: 'sum', gats: 'open' } })).toContain('Did you mean "gate"?');
    expect(complaint({ ...config, heads: { total: { use: 'total', facotr: 2 } } })).toMatch(
      /^heads\.total: .*"factor"/,
    );
    expect(complaint({ ...config, hidenSize: 4 })).toMatch(/^expected only known options.*Did you mean "hiddenSize"\?/);
  });

  it('names what is missing', () => {
    const { hiddenSize: _, ...rest } = config;
    expect(complaint(rest)).toBe('hiddenSize: expected a number, received nothing.');
    const { fusion: __, ...unfused } = config;
    expect(complaint(unfused)).toBe('fusion: expected an object, received nothing. Its options: use.');
    expect(complaint({ ...config, encoders: {} })).toBe('encoders: expected at least one encoder, received none.');
    expect(complaint({ ...config, encoders: { left: {} } })).toBe(
      'encoders.left.use: expected a string, received nothing.',
    );
  });

  it('names all faults at once that do not depend on one another, each with its path', () => {
    const wrong = {
      hiddenSize: -1,
      encoders: { left: { use: 'numbres' }, right: { use: 'numbers', scle: 3, several: { most: 0 } }, third: {} },
      fusion: { use: 'sun' },
      heads: { total: { use: 'total', factor: 'x' }, 'a.b': { use: 'total' } },
      adapters: [{ use: 'lora' }],
    };
    const said = complaint(wrong).split('\n');
    expect(said.map((line) => line.trim().slice(0, line.trim().indexOf(':')))).toEqual([
      'hiddenSize',
      'a.b',
      'encoders.left.use',
      'encoders.right.several.most',
      'fusion.use',
      'heads.total.factor',
      'adapters.0.use',
    ]);
    expect(said[0]).toBe(
      'hiddenSize: expected a number above 0, received -1. (1 more: encoders.third.use) 6 more faults:',
    );
    expect(said[3]).toContain('(1 more: scle)');
    expect(complaint({ ...config, fusion: { use: 'sun' }, heads: { total: { use: 'total', input: 'none' } } })).toBe(
      'fusion.use: expected the name of a registered fusion, received "sun". Did you mean "sum"? Known: sum. 1 more fault:\n' +
        '  heads.total.input: expected \'fused\' or the name of another head, received "none". Known: fused, total.',
    );
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`slot${index}`, { use: 'none' }]));
    expect(complaint({ ...config, encoders: many })).toContain('… and 11 more');
  });

  it('refuses targets whose name every object has', () => {
    for (const target of ['__proto__', 'constructor', 'toString', '']) {
      expect(complaint({ ...config, heads: { total: { use: 'total', target } } })).toContain(
        'heads.total.target: expected',
      );
    }
  });

  it('names the path of a value of the wrong type', () => {
    expect(complaint({ ...config, hiddenSize: '64' })).toBe('hiddenSize: expected a number, received "64".');
    expect(complaint({ ...config, hiddenSize: -1 })).toMatch(/^hiddenSize: expected a number above 0, received -1/);
    expect(complaint({ ...config, seed: 0.5 })).toMatch(/^seed: expected a whole number, received 0.5/);
    expect(complaint({ ...config, fusion: 'sum' })).toBe(
      'fusion: expected an object, received "sum". Its options: use.',
    );
    expect(complaint({ ...config, encoders: ['numbers'] })).toMatch(
      /^encoders: expected an object, received an array of 1/,
    );
    expect(complaint({ ...config, encoders: { left: { use: 'numbers', scale: 'big' } } })).toBe(
      'encoders.left.scale: expected a number, received "big".',
    );
    expect(complaint({ ...config, fusion: { use: 'sum', gate: 'ajar' } })).toMatch(/^fusion\.gate: .*received "ajar"/);
    for (const nothing of [undefined, null, 3, 'config.json', []])
      expect(complaint(nothing)).toContain('expected an object');
  });

  it('refuses names that paths and folders cannot bear, and those that mean something else', () => {
    for (const name of [
      'targets',
      'fused',
      'a.b',
      'a/b',
      '../up',
      '',
      '7',
      'with space',
      '__proto__x',
      'constructor',
    ]) {
      const message = complaint({ ...config, encoders: { [name]: { use: 'numbers' } } });
      expect(message).toContain(name === 'constructor' || name.startsWith('_') ? name : `received "${name}"`);
    }
    expect(complaint({ ...config, heads: { fused: { use: 'total' } } })).toContain('"fused"');
  });

  it('refuses heads that feed one another in a circle, or a head that is not there', () => {
    const circle = {
      a: { use: 'total', input: 'b' },
      b: { use: 'total', input: 'c' },
      c: { use: 'total', input: 'a' },
    };
    expect(complaint({ ...config, heads: circle })).toMatch(
      /^heads\.\w\.input: expected heads that form a tree, received the cycle a ← b ← c ← a\./,
    );
    expect(complaint({ ...config, heads: { a: { use: 'total', input: 'a' } } })).toContain('the cycle a ← a');
    expect(complaint({ ...config, heads: { total: { use: 'total' }, b: { use: 'total', input: 'totla' } } })).toBe(
      'heads.b.input: expected \'fused\' or the name of another head, received "totla". Did you mean "total"? Known: fused, total, b.',
    );
    expect(complaint({ ...config, heads: { b: { use: 'total', input: 3 } } })).toContain('heads.b.input');
  });

  it('builds heads after those that feed them, whatever their order in the config', async () => {
    const heads = { last: { use: 'total', input: 'first' }, first: { use: 'total' } };
    const model = composeUnchecked(registry, { ...config, heads });
    const [prediction] = await model.predict([{ left: [1] }]);
    expect(prediction.last).toBeCloseTo(2 * (prediction.first as number), 4);
    model.dispose();
  });

  it('names what is no registry, no option, and no part of this copy of core', () => {
    for (const wrong of [undefined, null, config, 'registry']) {
      expect(() => composeUnchecked(wrong as never, config)).toThrow(
        /^registry: expected a registry, as createRegistry/,
      );
    }
    expect(() => composeUnchecked(registry, config, { initialise: false } as never)).toThrow(
      'composeModel: expected only known options, received "initialise". Did you mean "initialize"?',
    );
    const [sum] = numbersPlugin.fusions!;
    for (const made of [undefined, { forward: () => undefined }]) {
      const other = createRegistry([{ ...numbersPlugin, fusions: [{ ...sum, create: () => made as never }] }]);
      expect(() => composeUnchecked(other, config)).toThrow(
        'expected a Fusion of this copy of @polymodal/core, received',
      );
    }
  });

  it('refuses a head that reads what the fusion does not offer, and names the fusions that do', () => {
    class Reader extends TotalHead {
      override readonly reads: readonly FusedPart[] = ['owner'];
    }
    class Misspelt extends TotalHead {
      override readonly reads = ['encodings'] as never;
    }
    const [sum] = numbersPlugin.fusions!;
    const owning = (name: string) =>
      defineFusion({
        name,
        config: z.object({}),
        create: (_, setup) => Object.assign(sum.create({}, setup), { offers: ['owner', 'encoded'] as const }),
      });
    const plugin = definePlugin({
      name: 'readers',
      specificationVersion: 'v1',
      heads: [
        defineHead({ name: 'reader', config: z.object({}), create: () => new Reader({}, 1) }),
        defineHead({ name: 'misspelt', config: z.object({}), create: () => new Misspelt({}, 1) }),
      ],
    });
    const owners = definePlugin({
      name: 'owners',
      specificationVersion: 'v1',
      fusions: [
        owning('early'),
        owning('late'),
        { ...owning('demanding'), config: z.object({ width: z.int() }), create: sum.create as never },
      ],
    });
    const fitting = (heads: object, plugins: Plugin[]) => {
      try {
        composeUnchecked(createRegistry([numbersPlugin, plugin, ...plugins]), { ...config, heads }).dispose();
      } catch (error) {
        return (error as Error).message;
      }
      return 'no error';
    };
    expect(fitting({ total: { use: 'total' }, a: { use: 'reader' } }, [owners])).toBe(
      'heads.a: expected a fusion that offers "owner", which the head reads, received fusion "sum", which offers "encoded". ' +
        'Of the registered fusions, these do: early, late.',
    );
    expect(fitting({ a: { use: 'reader' } }, [])).toContain('None of the registered fusions does');
    expect(fitting({ a: { use: 'misspelt' } }, [owners])).toContain('Did you mean "encoded"?');
  });

  it('refuses heads and fusions that require slots which the model lacks, and suggests the nearest', () => {
    const [sum] = numbersPlugin.fusions!;
    const demanding = (requires: Requirements) =>
      createRegistry([
        {
          ...numbersPlugin,
          fusions: [
            { ...sum, create: (_: unknown, setup: FusionSetup) => Object.assign(sum.create({}, setup), { requires }) },
          ],
        },
      ]);
    expect(() => composeUnchecked(demanding({ all: ['letf'] }), config)).toThrow(
      'fusion: expected a model with the encoder slot "letf", which it requires, received one with left, right. Did you mean "left"?',
    );
    expect(() => composeUnchecked(demanding({ count: 3 }), config)).toThrow(
      'fusion: expected a model with at least 3 encoder slots, which it requires, received one with left, right.',
    );
    expect(complaint({ ...config, heads: { total: { use: 'total', any: ['left', 'rihgt'] } } })).toMatch(
      /^heads\.total: expected a model with the encoder slot "rihgt".*Did you mean "right"\?/,
    );
  });

  it('says of a sample that it lacks what the fusion requires', async () => {
    const [sum] = numbersPlugin.fusions!;
    const create = (_: unknown, setup: FusionSetup) =>
      Object.assign(sum.create({}, setup), { requires: { all: ['left'] } });
    const model = composeUnchecked(createRegistry([{ ...numbersPlugin, fusions: [{ ...sum, create }] }]), config);
    await expect(model.predict([{ left: [1] }, { right: [1] }])).rejects.toThrow(
      'sample 1, head "total": expected all of left, which the fusion requires, received right.',
    );
    expect(model.canRun('more', ['right'])).toBe(false);
    model.dispose();
  });

  it('takes a config that went through JSON', () => {
    const model = composeUnchecked(registry, JSON.parse(JSON.stringify(config)));
    expect(model.config).toEqual(config);
    model.dispose();
  });
});
