import { SampleError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { decodeAudio } from '../decode-audio';

// What is expected stands in the specification of RIFF, and is what libsndfile 1.2 gives (tools/parity/media_fuzz.py).

const chunk = (id: string, body: Uint8Array, { size = body.length, big = false } = {}) => {
  const head = Buffer.alloc(8);
  head.write(id, 'latin1');
  if (big) head.writeUInt32BE(size, 4);
  else head.writeUInt32LE(size, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
};

const file = (id: string, chunks: readonly Uint8Array[], options: { size?: number; big?: boolean } = {}) =>
  chunk(id, Buffer.concat([Buffer.from('WAVE'), ...chunks]), options);

const noBytes: Uint8Array = new Uint8Array(0);

const format = (tag: number, bits: number, { channels = 1, rate = 8000, extra = noBytes, big = false } = {}) => {
  const body = Buffer.alloc(16);
  const align = Math.ceil(bits / 8) * channels;
  [tag, channels].forEach(
    (value, i) => void (big ? body.writeUInt16BE(value, 2 * i) : body.writeUInt16LE(value, 2 * i)),
  );
  [rate, rate * align].forEach(
    (value, i) => void (big ? body.writeUInt32BE(value, 4 + 4 * i) : body.writeUInt32LE(value, 4 + 4 * i)),
  );
  [align, bits].forEach(
    (value, i) => void (big ? body.writeUInt16BE(value, 12 + 2 * i) : body.writeUInt16LE(value, 12 + 2 * i)),
  );
  return chunk('fmt ', Buffer.concat([body, extra]), { big });
};

const bytes = (...values: number[]) => Uint8Array.from(values);
const shorts = (...values: number[]) => new Uint8Array(Int16Array.from(values).buffer);
const sound = chunk('data', shorts(0, 8192, 16384, -16384));
const list = chunk('LIST', Buffer.from('INFOISFT\x05\0\0\0Lavf\0\0', 'latin1'));

const samplesOf = async (content: Uint8Array) => (await decodeAudio(content)).channels.map((channel) => [...channel]);
const four = [[0, 0.25, 0.5, -0.5]];

describe('a WAV file', () => {
  it.each<[string, Uint8Array]>([
    ['as short as it can be', file('RIFF', [format(1, 16), sound])],
    [
      'with chunks of odd lengths, each filled up by a byte',
      file('RIFF', [chunk('JUNK', bytes(1, 2, 3)), format(1, 16), chunk('wavl', bytes(9)), list, sound, list]),
    ],
    [
      'with a LIST of 9 bytes and the one that fills it up',
      file('RIFF', [format(1, 16), chunk('LIST', Buffer.from('INFOabcde')), sound]),
    ],
    ['with 3 bytes after its format', file('RIFF', [format(1, 16, { extra: Buffer.alloc(3) }), sound])],
    [
      'with a data chunk that lasts to the end',
      file('RIFF', [format(1, 16), chunk('data', shorts(0, 8192, 16384, -16384), { size: 0xffffffff })], {
        size: 0xffffffff,
      }),
    ],
    [
      'cut short behind its fourth sample and a half',
      file('RIFF', [
        format(1, 16),
        chunk('data', Buffer.concat([shorts(0, 8192, 16384, -16384), bytes(7)]), { size: 900 }),
      ]).subarray(0, -1),
    ],
    [
      'that was not finished',
      file('RIFF', [format(1, 16), chunk('data', shorts(0, 8192, 16384, -16384), { size: 0 })], { size: 8 }),
    ],
    [
      'in big-endian numbers',
      file(
        'RIFX',
        [format(1, 16, { big: true }), chunk('data', bytes(0, 0, 0x20, 0, 0x40, 0, 0xc0, 0), { big: true })],
        { big: true },
      ),
    ],
    [
      'of 64-bit sizes',
      file(
        'RF64',
        [ds64(8), format(1, 16), chunk('data', shorts(0, 8192, 16384, -16384), { size: 0xffffffff }), list],
        { size: 0xffffffff },
      ),
    ],
    [
      'behind an ID3 tag',
      Buffer.concat([
        Buffer.from('ID3\x03\0\0\0\0\x01\x02', 'latin1'),
        Buffer.alloc(130),
        file('RIFF', [format(1, 16), sound]),
      ]),
    ],
  ])('is read %s', async (_, content) => {
    expect(await samplesOf(content)).toEqual(four);
  });

  it.each<[string, Uint8Array, readonly number[]]>([
    ['8 bits', file('RIFF', [format(1, 8), chunk('data', bytes(0, 64, 128, 192, 255))]), [-1, -0.5, 0, 0.5, 127 / 128]],
    ['16 bits', file('RIFF', [format(1, 16), chunk('data', shorts(32767, -32768))]), [32767 / 32768, -1]],
    [
      '24 bits',
      file('RIFF', [format(1, 24), chunk('data', bytes(0, 0, 0x80, 0xff, 0xff, 0x7f, 0, 0, 0xe0))]),
      [-1, 1 - 2 ** -23, -0.25],
    ],
    [
      '20 bits in 24',
      file('RIFF', [format(1, 20), chunk('data', bytes(0, 0, 0x80, 0xf0, 0xff, 0x7f))]),
      [-1, 1 - 2 ** -19],
    ],
    [
      '32 bits',
      file('RIFF', [format(1, 32), chunk('data', new Uint8Array(Int32Array.of(-(2 ** 31), 2 ** 30).buffer))]),
      [-1, 0.5],
    ],
    [
      'floats',
      file('RIFF', [format(3, 32), chunk('data', new Uint8Array(Float32Array.of(-1.5, 0.25).buffer))]),
      [-1.5, 0.25],
    ],
    [
      'floats of 64 bits',
      file('RIFF', [format(3, 64), chunk('data', new Uint8Array(Float64Array.of(-1.5, 0.25).buffer))]),
      [-1.5, 0.25],
    ],
    // G.711: the codes of the largest magnitudes and of the smallest ones
    [
      'A-law',
      file('RIFF', [format(6, 8), chunk('data', bytes(0xaa, 0x2a, 0xd5, 0x55))]),
      [32256, -32256, 8, -8].map((v) => v / 32768),
    ],
    [
      'µ-law',
      file('RIFF', [format(7, 8), chunk('data', bytes(0x80, 0x00, 0xff, 0x7f))]),
      [32124, -32124, 0, 0].map((v) => v / 32768),
    ],
    ['an extensible format', file('RIFF', [format(0xfffe, 16, { extra: extensible(1) }), sound]), four[0]],
  ])('is scaled so that the lowest integer is −1: %s', async (_, content, expected) => {
    const [samples] = await samplesOf(content);
    expect(samples).toHaveLength(expected.length);
    samples.forEach((value, i) => expect(value + 0).toBe(Math.fround(expected[i])));
  });

  it('gives its channels apart', async () => {
    const content = file('RIFF', [format(1, 16, { channels: 2 }), sound]);
    expect(await samplesOf(content)).toEqual([
      [0, 0.5],
      [0.25, -0.5],
    ]);
  });

  it('is decoded as far as it is wanted', async () => {
    const { channels } = await decodeAudio(file('RIFF', [format(1, 16), sound]), undefined, (rate) => rate / 4000);
    expect([...channels[0]]).toEqual([0, 0.25]);
  });

  it.each<[string, Uint8Array, RegExp]>([
    [
      'no sound, but a LIST after it',
      file('RIFF', [format(1, 16), chunk('data', bytes()), list]),
      /without a single sample/,
    ],
    ['no data', file('RIFF', [format(1, 16)]), /one without a "data" chunk/],
    ['data before its format', file('RIFF', [sound, format(1, 16)]), /a "data" chunk before the "fmt " chunk/],
    ['two data chunks', file('RIFF', [format(1, 16), sound, sound]), /two "data" chunks/],
    ['ADPCM', file('RIFF', [format(17, 4), sound]), /received one of IMA ADPCM.*ffmpeg/],
    ['samples of 40 bits', file('RIFF', [format(1, 40), sound]), /8, 16, 24, 32 bits .*received 40 bits/],
    ['no channels', file('RIFF', [format(1, 16, { channels: 0 }), sound]), /1 to 1024 channels, received 0/],
    [
      '4,000,000 Hz',
      file('RIFF', [format(1, 16, { rate: 4_000_000 }), sound]),
      /a sample rate from 1 to 768000 Hz, received 4000000/,
    ],
  ])('is refused with %s', async (_, content, message) => {
    const error = await decodeAudio(content).catch((reason) => reason);
    expect(error).toBeInstanceOf(SampleError);
    expect(error.message).toMatch(message);
  });
});

function ds64(dataSize: number): Uint8Array {
  const body = Buffer.alloc(28);
  body.writeBigUInt64LE(BigInt(dataSize), 8);
  return chunk('ds64', body);
}

function extensible(tag: number): Uint8Array {
  const body = Buffer.alloc(24);
  body.writeUInt16LE(22, 0);
  body.writeUInt16LE(16, 2); // valid bits
  body.writeUInt32LE(tag, 8);
  Buffer.from('000010008000 00aa00389b71'.replace(' ', ''), 'hex').copy(body, 12);
  return body;
}
