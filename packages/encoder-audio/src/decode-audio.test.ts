import { readFileSync } from 'node:fs';
import { SampleError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { decodeAudio } from './decode-audio';

// A quarter of a second of 440 Hz left and 1000 Hz right, by tools/parity/audio.py through libsndfile.
const file = (name: string) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));

const tone = (frequency: number, amplitude: number, rate: number) => (n: number) =>
  amplitude * Math.sin((2 * Math.PI * frequency * n) / rate);

/** The amplitude of a frequency in a signal, by projection on its sine and cosine. */
function amplitudeOf(frequency: number, samples: Float32Array, rate: number): number {
  let [real, imaginary] = [0, 0];
  samples.forEach((value, n) => {
    real += value * Math.cos((2 * Math.PI * frequency * n) / rate);
    imaginary += value * Math.sin((2 * Math.PI * frequency * n) / rate);
  });
  return (2 * Math.hypot(real, imaginary)) / samples.length;
}

describe('decodeAudio', () => {
  it.each([
    ['tones.flac', 44100, 11025],
    ['tones-24bit.wav', 48000, 2400],
  ])('reads %s without loss', async (name, rate, length) => {
    const { channels, sampleRate } = await decodeAudio(file(name));
    expect(sampleRate).toBe(rate);
    expect(channels.map((channel) => channel.length)).toEqual([length, length]);
    const expected = [tone(440, 0.5, rate), tone(1000, 0.25, rate)];
    channels.forEach((channel, c) => {
      channel.forEach((value, n) => expect(Math.abs(value - expected[c](n))).toBeLessThan(1 / 32000)); // one 16-bit step
    });
  });

  it.each([
    ['tones.mp3', 44100],
    ['tones.ogg', 44100],
    ['tones.opus', 48000],
  ])('reads %s with the tones that went into it', async (name, rate) => {
    const { channels, sampleRate } = await decodeAudio(file(name));
    expect(sampleRate).toBe(rate);
    expect(channels).toHaveLength(2);
    expect(channels[0].length / rate).toBeGreaterThan(0.24);
    const middle = channels.map((channel) => channel.subarray(rate * 0.05, rate * 0.2)); // whole periods of both tones
    expect(amplitudeOf(440, middle[0], rate)).toBeCloseTo(0.5, 1);
    expect(amplitudeOf(1000, middle[1], rate)).toBeCloseTo(0.25, 1);
    expect(amplitudeOf(1000, middle[0], rate)).toBeLessThan(0.02);
  });

  it('divides integers by 2^(b − 1), as libsndfile does', async () => {
    const { channels } = await decodeAudio(file('tones.flac'));
    expect(channels[0].every((value) => Number.isInteger(value * 2 ** 15))).toBe(true);
  });

  it.each([
    ['tones.mp3', 2, 11025],
    ['mono.mp3', 1, 400],
    ['tones.ogg', 2, 11025],
    ['tones.opus', 2, 12000],
  ])(
    'gives of %s as many channels and samples as went into it, without the delay of the encoder',
    async (name, ...size) => {
      const { channels } = await decodeAudio(file(name));
      expect([channels.length, channels[0].length]).toEqual(size);
    },
  );

  it.each(['tones-24bit.wav', 'tones.flac', 'tones.mp3', 'tones.ogg', 'tones.opus'])(
    'decodes %s as far as it is wanted',
    async (name) => {
      const whole = (await decodeAudio(file(name))).channels;
      const { channels } = await decodeAudio(file(name), undefined, () => 1000);
      expect(channels).toEqual(whole.map((channel) => channel.subarray(0, 1000)));
    },
  );

  it('reads Ogg files that follow one another as one', async () => {
    const { channels } = await decodeAudio(Buffer.concat([file('tones.ogg'), file('tones.ogg')]));
    expect(channels[0]).toHaveLength(2 * 11025);
  });

  it.each([
    [
      'FLAC whose frames do not fit their checksums',
      withByte(file('tones.flac'), 5000, 0x55),
      /11025 samples .* of which \d+ can be read/,
    ],
    ['FLAC that is cut short', file('tones.flac').subarray(0, 5000), /11025 samples .* of which \d+ can be read/],
    ['OGG whose pages do not', withByte(file('tones.ogg'), 5000, 0x55), /whose page \d+, at byte \d+, does not/],
  ])('refuses %s rather than leave a gap or a noise', async (_, bytes, message) => {
    await expect(decodeAudio(bytes)).rejects.toThrow(SampleError);
    await expect(decodeAudio(bytes)).rejects.toThrow(message);
  });

  it('goes by the content of a file that lies anywhere in a buffer', async () => {
    const padded = Buffer.concat([Buffer.alloc(3), file('tones.flac')]).subarray(3);
    expect((await decodeAudio(padded)).channels[0]).toHaveLength(11025);
  });

  it('reads what is there of a file that is cut short', async () => {
    const { channels } = await decodeAudio(file('tones-24bit.wav').subarray(0, 44 + 6 * 100));
    expect(channels[0].length).toBeGreaterThan(90);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['an empty file', new Uint8Array(0), /received an empty file/],
    [
      'text',
      new TextEncoder().encode('{"hello": "world"}'),
      /WAV, AIFF, AU, FLAC, MP3 or OGG.*bytes of no audio format/,
    ],
    ['M4A', Buffer.from('....ftypM4A ....isom', 'latin1'), /a file of the format M4A.*ffmpeg/],
    ['W64', Buffer.from('riff\x2e\x91\xcf\x11....', 'latin1'), /a file of the format W64.*ffmpeg/],
    ['AAC', Buffer.of(0xff, 0xf1, 0x50, 0x80), /a file of the format AAC.*ffmpeg/],
    ['an AVI', Buffer.from('RIFF....AVI LIST', 'latin1'), /a file of the format AVI.*ffmpeg/],
    ['a WAV that ends after its header', file('tones-24bit.wav').subarray(0, 44), /without a single sample/],
    ['a WAV of 20 bytes', file('tones-24bit.wav').subarray(0, 20), /a "fmt " chunk of 0 bytes, where 16 are needed/],
    ['a FLAC of 20 bytes', file('tones.flac').subarray(0, 20), /without a single sample/],
    ['an OGG of 200 bytes', file('tones.ogg').subarray(0, 200), /without a single sample/],
    ['an Opus file of 200 bytes', file('tones.opus').subarray(0, 200), /without a single sample/],
    ['an MP3 of 30 bytes', file('tones.mp3').subarray(0, 30), /without a single sample/],
    ['a WAV of an unknown codec', withByte(file('tones-24bit.wav'), 20, 0x77), /one of the codec 0x0077.*ffmpeg/],
  ])('refuses %s with a reason', async (_, bytes, message) => {
    const error = await decodeAudio(bytes, 'clip').catch((reason) => reason);
    expect(error).toBeInstanceOf(SampleError);
    expect(error.message).toMatch(/^clip: /);
    expect(error.message).toMatch(message);
    expect(error.hint).toBeTruthy();
  });

  it('never ends in anything but sound or a SampleError, whatever bytes are damaged', async () => {
    for (const name of ['tones-24bit.wav', 'tones.flac', 'tones.mp3', 'tones.ogg', 'tones.opus']) {
      for (let position = 0; position < 60; position += 6) {
        const damaged = withByte(file(name), position, 0xff);
        const result = await decodeAudio(damaged).catch((error) => error);
        expect(result instanceof SampleError || result.channels.length > 0).toBe(true);
      }
    }
  });
});

function withByte(bytes: Uint8Array, position: number, value: number): Uint8Array {
  const changed = new Uint8Array(bytes);
  changed[position] = value;
  return changed;
}
