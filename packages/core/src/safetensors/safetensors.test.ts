import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ConfigError, FileFormatError, ShapeError } from '../errors';
import { RandomKey } from '../random-key';
import { decodeSafetensors, encodeSafetensors, type NamedTensor, safetensorsHeaderLength } from './index';

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/${name}`, import.meta.url));

const tensors: ReadonlyMap<string, NamedTensor> = new Map([
  ['matrix', { shape: [2, 3], data: Float32Array.of(0, 0.25, 0.5, 0.75, 1, 1.25) }],
  ['layers.0.bias', { shape: [3], data: Float32Array.of(-1.5, 3e38, 1e-45) }],
  ['scalar', { shape: [], data: Float32Array.of(7) }],
  ['empty', { shape: [0, 4], data: new Float32Array(0) }],
  ['größe', { shape: [1, 1, 1], data: Float32Array.of(1) }],
]);

/** A file with any header, for what no encoder writes. */
function fileOf(header: unknown, body = new Uint8Array(0)): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + body.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  file.set(body, 8 + json.length);
  return file;
}

function complaint(file: Uint8Array): string {
  try {
    decodeSafetensors(file, 'model.safetensors');
  } catch (error) {
    expect(error).toBeInstanceOf(FileFormatError);
    return (error as Error).message;
  }
  return expect.fail('the file was accepted');
}

describe('safetensors', () => {
  it('reads what Python wrote', () => {
    const content = decodeSafetensors(fixture('python.safetensors'), 'python.safetensors');
    expect(new Map([...content.tensors].sort())).toEqual(new Map([...tensors].sort()));
    expect(content.metadata).toEqual({ format: 'pt', note: 'ä' });
  });

  it('writes what it reads: every bit, empty tensors, scalars, special numbers, any name', () => {
    const special = Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, -0, 2 ** -149);
    const all = new Map([...tensors, ['a "quoted" \\ name', { shape: [4], data: special }]]);
    const content = decodeSafetensors(encodeSafetensors(all, { seed: '3' }), 'file');
    expect([...content.tensors.keys()]).toEqual([...all.keys()].sort());
    for (const [name, { shape, data }] of all) {
      const read = content.tensors.get(name)!;
      expect(read.shape).toEqual(shape);
      expect(new Uint8Array(read.data.buffer)).toEqual(new Uint8Array(data.buffer));
    }
    expect(content.metadata).toEqual({ seed: '3' });
  });

  it('writes the same bytes whatever the order of the tensors', () => {
    const reversed = new Map([...tensors].reverse());
    expect(encodeSafetensors(reversed)).toEqual(encodeSafetensors(tensors));
  });

  it('writes the part of an array that a tensor views, and no more', () => {
    const large = Float32Array.of(9, 9, 1, 2, 9);
    const file = encodeSafetensors(new Map([['view', { shape: [2], data: large.subarray(2, 4) }]]));
    expect([...decodeSafetensors(file, 'file').tensors.get('view')!.data]).toEqual([1, 2]);
  });

  it('aligns the data to eight bytes, as the format asks', () => {
    for (const name of ['a', 'ab', 'abc', 'abcdefg']) {
      const file = encodeSafetensors(new Map([[name, { shape: [1], data: Float32Array.of(1) }]]));
      expect(Number(new DataView(file.buffer).getBigUint64(0, true)) % 8).toBe(0);
    }
  });

  it('reads from a view into a larger buffer, and gives copies', () => {
    const file = encodeSafetensors(tensors);
    const pool = new Uint8Array(file.length + 13);
    pool.set(file, 7);
    for (const view of [pool.subarray(7, 7 + file.length), Buffer.from(pool.buffer, 7, file.length)]) {
      const { data } = decodeSafetensors(view, 'file').tensors.get('matrix')!;
      expect([...data]).toEqual([...tensors.get('matrix')!.data]);
      data.fill(0);
    }
    expect(pool.subarray(7, 7 + file.length)).toEqual(file);
  });

  it('reads a file without tensors', () => {
    expect(decodeSafetensors(encodeSafetensors(new Map()), 'file').tensors.size).toBe(0);
    expect(decodeSafetensors(fileOf({}), 'file')).toEqual({ tensors: new Map(), metadata: {} });
  });

  it('says what is wrong with a file', () => {
    const whole = encodeSafetensors(tensors);
    expect(complaint(new Uint8Array(0))).toBe(
      'model.safetensors: expected a safetensors file with its whole header, received 0 bytes. ' +
        'The file is cut short or of another format; fetch or save it again.',
    );
    expect(complaint(whole.subarray(0, 40))).toContain('received a header of');
    expect(complaint(whole.subarray(0, -1))).toContain('bytes within the');
    expect(complaint(new TextEncoder().encode('<!DOCTYPE html><html></html>'))).toContain('a header of');
    expect(complaint(fileOf('{"a": '))).toContain('expected JSON with');
    expect(complaint(fileOf('[1]'))).toContain('expected a JSON object as header');
    expect(complaint(fileOf('null'))).toContain('expected a JSON object as header, received null');
    expect(complaint(fixture('half.safetensors'))).toBe(
      'model.safetensors, tensor "half": expected dtype F32, received F16.',
    );
  });

  it('refuses entries that do not fit', () => {
    const body = new Uint8Array(8);
    const entry = (changes: object) =>
      fileOf({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...changes } }, body);
    expect(decodeSafetensors(entry({}), 'file').tensors.size).toBe(1);
    for (const changes of [
      { shape: [3] },
      { shape: [-2] },
      { shape: [1.5] },
      { shape: 'two' },
      { shape: [2 ** 53, 2 ** 53] },
      { data_offsets: [0] },
      { data_offsets: [0, 12] },
      { data_offsets: [8, 0] },
      { data_offsets: null },
      { dtype: 'I32' },
      { dtype: undefined },
    ]) {
      expect(complaint(entry(changes))).toMatch(/tensor "a"|at character/);
    }
    for (const wrong of [null, 3, 'F32', []])
      expect(complaint(fileOf({ a: wrong }, body))).toMatch(/tensor "a"|at character/);
  });

  it('refuses overlaps, holes and bytes that belong to no tensor', () => {
    const entry = (begin: number, end: number) => ({
      dtype: 'F32',
      shape: [(end - begin) / 4],
      data_offsets: [begin, end],
    });
    const body = new Uint8Array(16);
    expect(complaint(fileOf({ a: entry(0, 8), b: entry(4, 16) }, body))).toContain('b at 4, where 8 is due');
    expect(complaint(fileOf({ a: entry(0, 4), b: entry(8, 16) }, body))).toContain('b at 8, where 4 is due');
    expect(complaint(fileOf({ a: entry(0, 8) }, body))).toContain('the end at 16, where 8 is due');
  });

  it('refuses metadata that are no texts', () => {
    for (const metadata of [null, 3, 'pt', ['pt'], { version: 1 }, { nested: {} }]) {
      expect(complaint(fileOf({ __metadata__: metadata }))).toMatch(/metadata|at character/);
    }
  });

  it('refuses a header that another reader may take in another way', () => {
    const entry = '{"dtype":"F32","shape":[1],"data_offsets":[0,4]}';
    const body = new Uint8Array(4);
    expect(decodeSafetensors(fileOf(` {"a" : ${entry}}\n`.trimStart(), body), 'file').tensors.size).toBe(1);
    for (const header of [
      `{"a":${entry},"a":${entry}}`,
      `{"a":${entry},"\\u0061":${entry}}`,
      `{"__metadata__":{"k":"1","k":"2"},"a":${entry}}`,
      `{"__metadata__":{},"__metadata__":{},"a":${entry}}`,
      `{"a":{"dtype":"F16","dtype":"F32","shape":[1],"data_offsets":[0,4]}}`,
      ...['1.0', '1e0', '01', '+1', '-0', '1e-0', '0x1', '1.', '9007199254740993', '18446744073709551617', 'true'].map(
        (length) => `{"a":${entry.replace('[1]', `[${length}]`)}}`,
      ),
      `{"a\\ud800":${entry}}`,
      `{"a":${entry},}`,
      `{"a":${entry.replace('[1]', '[1,]')}}`,
      `{"a":${entry}} x`,
      `{"a":${entry}}\u0000`,
      `\ufeff{"a":${entry}}`,
      `{"a":${entry.replace('[1]', '[[1]]')}}`,
      '['.repeat(500_000),
      '{"a":'.repeat(100_000),
      `{a:${entry}}`,
      `{"a\n":${entry}}`,
      `{"a\\x":${entry}}`,
      `{"a":${entry}`,
      '{"a',
      '{"a\\"',
    ]) {
      expect(complaint(fileOf(header, body)).length).toBeLessThan(400);
    }
  });

  it('takes any name for a mere name', () => {
    const names = ['__proto__', 'constructor', 'toString', '', '1', '0', 'a/../b', '\u2028', 'é', '😀'];
    const named = new Map(names.map((name, index) => [name, { shape: [1], data: Float32Array.of(index) }]));
    const { tensors: read } = decodeSafetensors(encodeSafetensors(named, { ['__proto__']: 'text' }), 'file');
    expect(read.size).toBe(names.length);
    names.forEach((name, index) => expect([...read.get(name)!.data]).toEqual([index]));
  });

  it('refuses to write what nobody could read', () => {
    const one = { shape: [1], data: Float32Array.of(1) };
    expect(() => encodeSafetensors(new Map([['__metadata__', one]]))).toThrow(ConfigError);
    expect(() => encodeSafetensors(new Map([['a\ud800', one]]))).toThrow(ConfigError);
    expect(() => encodeSafetensors(new Map(), { note: '\udc00' })).toThrow(ConfigError);
    expect(() => encodeSafetensors(new Map([['a', { shape: [2], data: one.data }]]))).toThrow(ShapeError);
  });

  it('refuses a header of more bytes than the format allows before it reads it', () => {
    const start = new Uint8Array(8);
    new DataView(start.buffer).setBigUint64(0, 100_000_001n, true);
    expect(() => safetensorsHeaderLength(start, 2 ** 40, 'file')).toThrow('a header of 100000001 bytes');
    new DataView(start.buffer).setBigUint64(0, 100_000_000n, true);
    expect(safetensorsHeaderLength(start, 2 ** 40, 'file')).toBe(100_000_000);
  });

  it('refuses or reads any damaged file, and never does anything else', () => {
    const whole = encodeSafetensors(tensors, { format: 'pt' });
    let refused = 0;
    for (let round = 0; round < 1500; round++) {
      const key = RandomKey.from(round).fold('damage');
      let file = whole.slice();
      for (let change = key.fold('changes').integer(1, 5); change > 0; change--) {
        const own = key.fold(change);
        const position = own.fold('position').integer(0, file.length);
        const kind = own.fold('kind').integer(0, 5);
        if (kind === 0) file[position] ^= 1 << own.integer(0, 8);
        else if (kind === 1) file[position] = own.integer(0, 256);
        else if (kind === 2) file = file.slice(0, Math.max(1, position));
        else if (kind === 3) file = new Uint8Array([...file.slice(0, position), ...file.slice(position + 1), 0]);
        else file[position % 8] = own.integer(0, 256);
      }
      try {
        const { tensors: read, metadata } = decodeSafetensors(file, 'file');
        for (const { shape, data } of read.values()) {
          expect(data.length).toBe(shape.reduce((product, length) => product * length, 1));
        }
        expect(Object.values(metadata).every((value) => typeof value === 'string')).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(FileFormatError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(500);
  });
});
