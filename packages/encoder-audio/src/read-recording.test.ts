import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SampleError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { readRecording } from './read-recording';

const path = fileURLToPath(new URL('../fixtures/tones.flac', import.meta.url));
const samples = Float32Array.of(0.1, -0.2, 0.3);

describe('readRecording', () => {
  it('opens no file by its path where samples may name none', async () => {
    const context = { training: false, readFiles: false };
    await expect(readRecording('a.wav', undefined, context)).rejects.toThrow(
      'expected the bytes of an audio file, received a path',
    );
  });

  it('reads a path, samples of one channel and of several', async () => {
    expect((await readRecording(path)).channels).toHaveLength(2);
    expect(await readRecording({ samples, sampleRate: 8000 })).toEqual({ channels: [samples], sampleRate: 8000 });
    const stereo = { samples: [samples, samples], sampleRate: 8000 };
    expect((await readRecording(stereo)).channels).toEqual([samples, samples]);
  });

  it('takes and checks only as much of the beginning as is wanted', async () => {
    const raw = { samples: Float32Array.of(0.5, 0.25, Number.NaN), sampleRate: 8000 };
    expect((await readRecording(raw, (rate) => rate / 4000)).channels).toEqual([Float32Array.of(0.5, 0.25)]);
    await expect(readRecording(raw)).rejects.toThrow('NaN at sample 2');
  });

  it.each<[string, unknown, RegExp]>([
    ['a missing file', 'no/such.wav', /no\/such\.wav: .*no file or folder of that name.*Relative paths start from/],
    ['a folder', fileURLToPath(new URL('..', import.meta.url)), /received a folder/],
    ['a file that is no sound', fileURLToPath(import.meta.url), /read-recording\.test\.ts: .*no audio format/],
    ['no samples', { samples: new Float32Array(0), sampleRate: 8000 }, /expected samples, received none/],
    ['no channels', { samples: [], sampleRate: 8000 }, /expected samples, received none/],
    ['NaN', { samples: Float32Array.of(0, Number.NaN), sampleRate: 8000 }, /received NaN at sample 1/],
    ['infinity', { samples: Float32Array.of(Infinity), sampleRate: 8000 }, /received Infinity at sample 0/],
    ['a sample rate of 0', { samples, sampleRate: 0 }, /a sample rate from 1 to .*received 0/],
    ['a WAV with a sample rate of 0', wavWithoutRate(), /a sample rate from 1 to .*received 0/],
    ['a negative sample rate', { samples, sampleRate: -8000 }, /received -8000/],
    ['a fractional sample rate', { samples, sampleRate: 0.5 }, /received 0.5/],
    ['no sample rate', { samples }, /a sample rate.*received nothing/],
    ['channels of two lengths', { samples: [samples, samples.subarray(1)], sampleRate: 8000 }, /lengths 3, 2/],
    [
      'numbers in a plain array',
      { samples: [0.1, 0.2], sampleRate: 8000 },
      /samples in a Float32Array, .*received an array of 2/,
    ],
    ['samples handed over', { samples: detached(), sampleRate: 8000 }, /an array whose buffer was transferred.*a copy/],
    ['a URL', 'https://example.org/a.wav', /the path of an audio file, received a URL \(https:\)\. Nothing is fetched/],
    ['a list of recordings', ['a.wav', 'b.wav'], /received an array of 2\. A slot of a sample holds one value/],
    ['a device', '/dev/zero', /expected a file, received a device/],
    ['a number', 7, /expected a path, the bytes.*received 7/],
    ['an object without samples', { data: samples }, /received an object/],
  ])('refuses %s and says what was expected', async (_, raw, message) => {
    const error = await readRecording(raw).catch((reason) => reason);
    expect(error).toBeInstanceOf(SampleError);
    expect(error.message).toMatch(message);
  });
});

function wavWithoutRate(): Uint8Array {
  const file = readFileSync(new URL('../fixtures/tones-24bit.wav', import.meta.url));
  file.writeUInt32LE(0, 24);
  return file;
}

function detached(): Float32Array {
  const samples = new Float32Array(8);
  structuredClone(samples, { transfer: [samples.buffer] });
  return samples;
}
