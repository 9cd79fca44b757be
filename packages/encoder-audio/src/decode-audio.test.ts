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
    ['text', new TextEncoder().encode('{"hello": "world"}'), /WAV, FLAC, MP3 or OGG.*bytes of no audio format/],
    ['another audio format', Buffer.from('....ftypM4A ....isom', 'latin1'), /a file of type m4a.*ffmpeg/],
    ['a WAV that ends after its header', file('tones-24bit.wav').subarray(0, 44), /without a single sample/],
    ['a WAV of 20 bytes', file('tones-24bit.wav').subarray(0, 20), /without a single sample/],
    ['a FLAC of 20 bytes', file('tones.flac').subarray(0, 20), /flac/],
    ['an OGG of 200 bytes', file('tones.ogg').subarray(0, 200), /oga/],
    ['an Opus file of 200 bytes', file('tones.opus').subarray(0, 200), /opus/],
    ['an MP3 of 30 bytes', file('tones.mp3').subarray(0, 30), /mp3/],
    ['a WAV of an unknown codec', withByte(file('tones-24bit.wav'), 20, 0x77), /a readable wav file/],
  ])('refuses %s with a reason', async (_, bytes, message) => {
    const error = await decodeAudio(bytes, 'clip').catch((reason) => reason);
    expect(error).toBeInstanceOf(SampleError);
    expect(error.message).toMatch(/^clip: /);
    expect(error.message).toMatch(message);
    expect(error.hint).toBeTruthy();
  });

  it('never ends in anything but sound or a SampleError, whatever bytes are damaged', async () => {
    for (const name of ['tones-24bit.wav', 'tones.flac', 'tones.mp3', 'tones.ogg', 'tones.opus']) {
      for (let position = 0; position < 60; position += 3) {
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
