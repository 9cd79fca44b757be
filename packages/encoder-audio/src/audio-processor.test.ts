import { readFileSync } from 'node:fs';
import { ConfigError, parseConfig, RandomKey } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { audioProcessor } from './audio-processor';

const create = (options: object = {}) =>
  audioProcessor.create(parseConfig(audioProcessor.config, options, ''), { slot: 'audio', savedFile: () => undefined });

const noise = (seed: number, length: number) => RandomKey.from(seed).normal(length);

describe('AudioProcessor', () => {
  it('makes a frame of 80 bands every 10 ms', async () => {
    const { logMel } = await create().process({ samples: noise(1, 9600), sampleRate: 16000 });
    expect(logMel.shape).toEqual([60, 80]);
    expect(logMel.data.every(Number.isFinite)).toBe(true);
  });

  it('reads a stereo file at another rate as its mono mix', async () => {
    const processor = create({ normalization: 'none' });
    const file = await processor.process(readFileSync(new URL('../fixtures/tones.flac', import.meta.url)));
    const mono = Float32Array.from(
      { length: 11025 },
      (_, n) => 0.25 * Math.sin((2 * Math.PI * 440 * n) / 44100) + 0.125 * Math.sin((2 * Math.PI * 1000 * n) / 44100),
    );
    const { logMel } = await processor.process({ samples: mono, sampleRate: 44100 });
    expect(file.logMel.shape).toEqual([25, 80]);
    // 16-bit steps show only where there is next to no power
    logMel.data.forEach((value, i) => value > -3 && expect(Math.abs(value - file.logMel.data[i])).toBeLessThan(0.01));
  });

  it('cuts a long recording to its first maxSeconds', async () => {
    const processor = create({ maxSeconds: 0.5, sampleRate: 8000, numMelBins: 40 });
    const samples = noise(2, 8000);
    const { logMel } = await processor.process({ samples, sampleRate: 8000 });
    const { logMel: first } = await processor.process({ samples: samples.subarray(0, 4000), sampleRate: 8000 });
    expect(logMel.shape).toEqual([50, 40]);
    expect(logMel).toEqual(first);
  });

  it('scales window and hop with the sample rate unless they are given', async () => {
    const raw = { samples: noise(3, 8000), sampleRate: 8000 };
    expect((await create({ sampleRate: 8000, numMelBins: 40 }).process(raw)).logMel.shape).toEqual([100, 40]);
    expect((await create({ sampleRate: 8000, numMelBins: 40, hopLength: 160 }).process(raw)).logMel.shape).toEqual([
      50, 40,
    ]);
  });

  it('pads rows to a multiple of bucketSize and masks the padding', async () => {
    const processor = create({ bucketSize: 16 });
    const rows = await Promise.all(
      [1600, 3200].map((length, seed) => processor.process({ samples: noise(seed, length), sampleRate: 16000 })),
    );
    expect(rows.map((row) => processor.shape(row).lengths.frames)).toEqual([16, 32]);
    const { logMel, mask } = processor.collate(rows);
    expect(logMel.shape).toEqual([2, 32, 80]);
    expect([...mask.data]).toEqual([
      ...Array(10).fill(1),
      ...Array(22).fill(0),
      ...Array(20).fill(1),
      ...Array(12).fill(0),
    ]);
    expect(logMel.data.subarray(0, 800)).toEqual(rows[0].logMel.data);
    expect(logMel.data.subarray(800, 32 * 80).every((value) => value === 0)).toBe(true);
    expect(processor.collate(rows, { frames: 48 }).logMel.shape).toEqual([2, 48, 80]);
  });

  it.each<[object, RegExp]>([
    [{ fMax: 9000 }, /encoders\.audio\.fMax: expected at most half of the sample rate, 8000 Hz, received 9000/],
    [{ fMin: 4000, fMax: 3000 }, /encoders\.audio\.fMin: expected less than fMax/],
    [{ fftSize: 256 }, /encoders\.audio\.fftSize: expected at least the window's 400 samples/],
    [{ sampleRate: 8000, numMelBins: 200 }, /encoders\.audio\.numMelBins: .*a larger fftSize/],
    [{ sampleRate: 0 }, /sampleRate/],
    [{ melScale: 'bark' }, /melScale/],
  ])('refuses the options %j', (options, message) => {
    expect(() => create(options)).toThrow(ConfigError);
    expect(() => create(options)).toThrow(message);
  });
});
