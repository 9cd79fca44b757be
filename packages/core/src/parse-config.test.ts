import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describeValue } from './describe-value';
import { ConfigError } from './errors';
import { parseConfig } from './parse-config';

const schema = z.strictObject({
  hiddenSize: z.int().positive(),
  hiddenAct: z.enum(['gelu', 'relu']).default('gelu'),
  stem: z.strictObject({ kernelSize: z.int() }).optional(),
  labels: z.array(z.string()).optional(),
});

function complaint(value: unknown, where = 'encoders.image'): string {
  try {
    parseConfig(schema, value, where);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  return expect.fail('the config was accepted');
}

describe('parseConfig', () => {
  it('fills in defaults', () => {
    expect(parseConfig(schema, { hiddenSize: 8 }, '')).toEqual({ hiddenSize: 8, hiddenAct: 'gelu' });
  });

  it('suggests the option that a misspelt one was meant to be', () => {
    expect(complaint({ hiddenSize: 8, hidenAct: 'relu' })).toBe(
      'encoders.image: expected only known options, received "hidenAct". Did you mean "hiddenAct"? ' +
        'Known: hiddenSize, hiddenAct, stem, labels.',
    );
  });

  it('suggests options of nested objects too', () => {
    expect(complaint({ hiddenSize: 8, stem: { kernelSize: 3, kernalSize: 3 } })).toBe(
      'encoders.image.stem: expected only known options, received "kernalSize". Did you mean "kernelSize"? Known: kernelSize.',
    );
  });

  it('names the path, what was expected and what came', () => {
    expect(complaint({})).toBe('encoders.image.hiddenSize: expected a number, received nothing.');
    expect(complaint({ hiddenSize: '8' })).toBe('encoders.image.hiddenSize: expected a number, received "8".');
    expect(complaint({ hiddenSize: 8.5 })).toContain(
      'encoders.image.hiddenSize: expected a whole number, received 8.5.',
    );
    expect(complaint({ hiddenSize: 8, labels: ['a', 3] })).toBe(
      'encoders.image.labels.1: expected a string, received 3.',
    );
    expect(complaint({ hiddenSize: { of: 8, in: 4 } })).toContain('expected a number, received an object with of, in.');
    expect(complaint({ hiddenSize: {} })).toContain('received an object with nothing in it.');
  });

  it('says which options an object has, where something else stands in its place', () => {
    expect(complaint(null)).toBe(
      'encoders.image: expected an object, received null. Its options: hiddenSize, hiddenAct, stem, labels.',
    );
    expect(complaint({ hiddenSize: 8, stem: 3 })).toBe(
      'encoders.image.stem: expected an object, received 3. Its options: kernelSize.',
    );
    expect(complaint([], '')).toContain('expected an object, received an array of 0');
  });

  it('says which values an option may have', () => {
    expect(complaint({ hiddenSize: 8, hiddenAct: 'gulu' })).toMatch(
      'encoders.image.hiddenAct: expected "gelu" or "relu", received "gulu".',
    );
  });

  it('says in words that a number is out of range', () => {
    expect(complaint({ hiddenSize: 0 })).toMatch(
      /^encoders\.image\.hiddenSize: expected a number above 0, received 0\.$/,
    );
  });

  it('says what each alternative asks for', () => {
    const either = z.strictObject({ patchSize: z.int().or(z.literal('auto')).or(z.array(z.int())) });
    expect(() => parseConfig(either, { patchSize: true }, '')).toThrow(
      'patchSize: expected a number or "auto" or an array, received true.',
    );
  });

  it('says what is wrong within the alternative that was meant', () => {
    const options = z.strictObject({ most: z.int().positive(), ordered: z.boolean().default(true) });
    const several = z
      .union([z.boolean(), options])
      .default(false)
      .transform((given) => given || undefined);
    const refused = (value: unknown, said: string) =>
      expect(() => parseConfig(z.strictObject({ several }), { several: value }, 'left')).toThrow(said);
    refused({ most: 0 }, 'left.several.most: expected a number above 0, received 0.');
    refused({ most: '3' }, 'left.several.most: expected a number, received "3".');
    refused({ most: 3, ordered: 1 }, 'left.several.ordered: expected true or false, received 1.');
    const counted = z.union([z.int(), z.strictObject({ tokens: z.int() }), z.strictObject({ bytes: z.int() })]);
    const given = { size: { bytes: Number.NaN } };
    expect(() => parseConfig(z.strictObject({ size: counted }), given, '')).toThrow(
      'size.bytes: expected a number, received NaN.',
    );
    refused({ mots: 3, most: 3 }, 'left.several: expected only known options, received "mots". Did you mean "most"?');
    refused(3, 'left.several: expected true or false or an object, received 3.');
  });

  it('refuses a name that schemas would pass over, wherever it stands', () => {
    const records = z.strictObject({
      byName: z.record(z.string(), z.looseObject({})),
      list: z.array(z.looseObject({})).default([]),
    });
    for (const [json, where] of [
      ['{"byName": {}, "__proto__": {}}', 'encoders'],
      ['{"byName": {"__proto__": {}}}', 'encoders.byName'],
      ['{"byName": {"left": {"__proto__": 3}}}', 'encoders.byName.left'],
      ['{"byName": {}, "list": [{}, {"__proto__": {}}]}', 'encoders.list.1'],
    ]) {
      const said = `${where}: expected only known names, received "__proto__".`;
      expect(() => parseConfig(records, JSON.parse(json), 'encoders')).toThrow(said);
    }
    const data = {
      get sample(): number {
        throw new RangeError('nobody was to look');
      },
    };
    expect(() => parseConfig(z.strictObject({ data: z.unknown() }), { data }, '')).not.toThrow();
  });

  it('suggests options within arrays and records', () => {
    const item = z.strictObject({ kernelSize: z.int() });
    const nested = z.strictObject({ stages: z.array(item).optional(), byName: z.record(z.string(), item).default({}) });
    expect(() => parseConfig(nested, { stages: [{ kernelSize: 1, kernelSzie: 1 }] }, '')).toThrow('"kernelSize"?');
    expect(() => parseConfig(nested, { byName: { a: { kernelSize: 1, kernelSzie: 1 } } }, '')).toThrow('"kernelSize"?');
  });

  it('says which item of a list that it made of a string it does not take', () => {
    const list = z.string().transform((names) => names.split(','));
    const schema = z.strictObject({ methods: list.pipe(z.array(z.enum(['film', 'concat']))) });
    expect(() => parseConfig(schema, { methods: 'film,nope' }, '')).toThrow(
      'methods.1: expected "film" or "concat", received "nope"',
    );
  });

  it('counts what else is wrong', () => {
    expect(complaint({ hiddenSize: 'a', hiddenAct: 3 })).toMatch(/\(1 more: hiddenAct\)/);
    expect(complaint({ hiddenSize: 'a', hiddenact: 3, label: 'x' })).toMatch(/\(2 more: hiddenact, label\)/);
  });
});

describe('describeValue', () => {
  it('is short, whatever the value', () => {
    expect([undefined, null, 3, true, 'x'].map(describeValue)).toEqual(['nothing', 'null', '3', 'true', '"x"']);
    expect(describeValue('y'.repeat(1000))).toHaveLength(60);
    expect([[1, 2], new Map(), Object.create(null), () => 0, Symbol('s'), 10n].map(describeValue)).toEqual([
      'an array of 2',
      'an object (Map)',
      'an object with nothing in it',
      'a function',
      'a symbol',
      'a bigint',
    ]);
    const many = Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`k${index}`, 1]));
    expect(describeValue(many)).toBe('an object with k0, k1, k2, k3, k4 and 2 more');
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(describeValue(proxy)).toBe('an object that throws when it is read');
  });
});
