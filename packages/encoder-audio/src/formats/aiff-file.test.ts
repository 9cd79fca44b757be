import { describe, expect, it } from 'vitest';
import { decodeAudio } from '../decode-audio';

const chunk = (id: string, body: Uint8Array) => {
  const head = Buffer.from(`${id}....`, 'latin1');
  head.writeUInt32BE(body.length, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
};

/** 8000 Hz as an extended number of 80 bits: 1.953125 · 2¹². */
const rate = Buffer.from('400bfa00000000000000', 'hex');

const common = (channels: number, frames: number, bits: number, compression = '') =>
  chunk('COMM', Buffer.concat([Buffer.of(0, channels, 0, 0, 0, frames, 0, bits), rate, Buffer.from(compression)]));

const sound = (...bytes: number[]) => chunk('SSND', Buffer.concat([Buffer.alloc(8), Buffer.from(bytes)]));

const file = (kind: 'AIFF' | 'AIFC', ...chunks: Uint8Array[]) =>
  chunk('FORM', Buffer.concat([Buffer.from(kind), ...chunks]));

describe('an AIFF file', () => {
  it.each<[string, Uint8Array, readonly number[]]>([
    ['16 bits', file('AIFF', common(1, 2, 16), sound(0x80, 0, 0x40, 0)), [-1, 0.5]],
    ['8 bits, with sign', file('AIFF', common(1, 2, 8), sound(0x80, 0x40)), [-1, 0.5]],
    ['sound before its description', file('AIFF', sound(0xc0, 0), common(1, 1, 16)), [-0.5]],
    ['fewer frames than bytes', file('AIFF', common(1, 1, 16), sound(0xc0, 0, 1, 2)), [-0.5]],
    ['little-endian numbers', file('AIFC', common(1, 2, 16, 'sowt'), sound(0, 0x80, 0, 0x40)), [-1, 0.5]],
    ['floats', file('AIFC', common(1, 1, 32, 'fl32'), sound(0x3f, 0xc0, 0, 0)), [1.5]],
  ])('is read with %s', async (_, content, expected) => {
    const { channels, sampleRate } = await decodeAudio(content);
    expect(sampleRate).toBe(8000);
    expect(channels.map((channel) => [...channel])).toEqual([expected]);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['of ADPCM', file('AIFC', common(1, 1, 16, 'ima4'), sound(1, 2)), /one of compression "ima4".*ffmpeg/],
    ['without description', file('AIFF', sound(1, 2)), /one without a "COMM" chunk/],
    ['without sound', file('AIFF', common(1, 1, 16)), /one without a "SSND" chunk/],
  ])('is refused %s', async (_, content, message) => {
    await expect(decodeAudio(content)).rejects.toThrow(message);
  });
});
