import {
  type Augmentation,
  augmentedFeatures,
  changesFeatures,
  changesValues,
  createRegistry,
  type Features,
  makeAugmentations,
  prepareSample,
  RandomKey,
} from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { audioProcessor } from './audio-processor';
import { audioAugmentations, gain, noise, type Sound, specAugment, speed, timeShift } from './augment';
import { powerOf } from './augmentation/sound';
import { audio } from './plugin';

const sampleRate = 16_000;
const tone = (hertz: number, length = 8000): Sound => ({
  samples: Float32Array.from({ length }, (_, n) => 0.5 * Math.sin((2 * Math.PI * hertz * n) / sampleRate)),
  sampleRate,
});

async function changed(augmentation: Augmentation, sound: Sound, seed = 0): Promise<Sound> {
  if (!changesValues(augmentation)) return expect.unreachable();
  const before = sound.samples.slice();
  const result = (await augmentation.changeValue(sound, RandomKey.from(seed))) as Sound;
  expect(Buffer.compare(Buffer.from(sound.samples.buffer), Buffer.from(before.buffer))).toBe(0);
  expect(result.sampleRate).toBe(sound.sampleRate);
  return result;
}

const decibels = (ratio: number) => 10 * Math.log10(ratio);

describe('augmentations of sound', () => {
  it('put white noise behind it, as strong as was drawn to the hundredth of a decibel', async () => {
    const sound = tone(440);
    for (const snr of [-5, 0, 12.5, 30]) {
      const { samples } = await changed(noise({ snr: [snr, snr] }), sound);
      const added = samples.map((value, at) => value - sound.samples[at]);
      expect(decibels(powerOf(sound.samples) / powerOf(added))).toBeCloseTo(snr, 2); // float32
      const next = added.subarray(1).reduce((sum, value, at) => sum + value * added[at], 0) / added.length;
      expect(Math.abs(next / powerOf(added))).toBeLessThan(4 / Math.sqrt(added.length)); // uncorrelated
    }
    const silence = { samples: new Float32Array(100), sampleRate };
    expect((await changed(noise(), silence)).samples).toEqual(silence.samples);
  });

  it('make it stronger or weaker', async () => {
    const { samples } = await changed(gain({ decibels: [6, 6] }), tone(300));
    expect(decibels(powerOf(samples) / powerOf(tone(300).samples))).toBeCloseTo(6, 4);
  });

  it('shift it in time, each place as often, with silence behind it', async () => {
    const sound = { samples: Float32Array.from({ length: 20 }, (_, at) => at + 1), sampleRate };
    const counts = new Map<number, number>();
    for (let seed = 0; seed < 500; seed++) {
      const { samples } = await changed(timeShift({ most: 0.1 }), sound, seed);
      const later = 10 - samples[10] + 1;
      expect([...samples]).toEqual(
        [...samples.keys()].map((at) => (at - later >= 0 && at - later < 20 ? at - later + 1 : 0)),
      );
      counts.set(later, (counts.get(later) ?? 0) + 1);
    }
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 100) ** 2 / 100, 0);
    expect(chiSquare).toBeLessThan(18.5); // 99.9 % of four degrees of freedom
    const one = { samples: Float32Array.of(3), sampleRate };
    expect((await changed(timeShift({ most: 1 }), one)).samples).toEqual(one.samples);
  });

  it('play it faster or slower: it is shorter and higher, or longer and lower', async () => {
    for (const factor of [0.8, 1, 1.25]) {
      const { samples } = await changed(speed({ factors: [factor] }), tone(440));
      expect(samples.length).toBe(Math.ceil(8000 / factor));
      const expected = tone(440 * factor, samples.length).samples;
      const middle = [...samples.keys()].slice(200, -200); // beyond the ends is silence
      expect(Math.max(...middle.map((at) => Math.abs(samples[at] - expected[at])))).toBeLessThan(2e-4);
    }
  });

  it('mask bands and spans of a spectrogram with its mean, of drawn widths', () => {
    const [frames, bins] = [50, 10];
    const data = Float32Array.from({ length: frames * bins }, (_, at) => at);
    const features: Features = { logMel: { data, shape: [frames, bins] } };
    const augmentation = specAugment({
      frequencyMasks: 1,
      frequencyWidth: 3,
      timeMasks: 1,
      timeWidth: 100,
      timeShare: 0.1,
    });
    const widths: [bands: number, spans: number][] = [];
    for (let seed = 0; seed < 300; seed++) {
      if (!changesFeatures(augmentation)) return expect.unreachable();
      const { logMel } = augmentation.changeFeatures(features, RandomKey.from(seed));
      const isMasked = (frame: number, bin: number) => logMel.data[frame * bins + bin] !== data[frame * bins + bin];
      const bands = [...Array(bins).keys()].filter((bin) =>
        [...Array(frames).keys()].every((frame) => isMasked(frame, bin)),
      );
      const spans = [...Array(frames).keys()].filter((frame) =>
        [...Array(bins).keys()].every((bin) => isMasked(frame, bin)),
      );
      const all = new Set(logMel.data.filter((value, at) => value !== data[at]));
      expect([...all].every((value) => value === (frames * bins - 1) / 2)).toBe(true);
      for (const own of [bands, spans]) if (own.length > 0) expect(own.at(-1)! - own[0] + 1).toBe(own.length);
      widths.push([bands.length, spans.length]);
    }
    expect(data[7]).toBe(7);
    for (const [place, most] of [3, 5].entries()) {
      const counts = Array.from(
        { length: most + 1 },
        (_, width) => widths.filter((own) => own[place] === width).length,
      );
      const mean = 300 / (most + 1);
      const chiSquare = counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
      expect(chiSquare).toBeLessThan([16.3, 20.5][place]); // 99.9 % of three and five degrees of freedom
    }
  });

  it('refuse what is no spectrogram, and options that mean nothing', () => {
    const augmentation = specAugment();
    const samples = { inputValues: { data: Float32Array.of(1), shape: [1] } };
    expect(() => changesFeatures(augmentation) && augmentation.changeFeatures(samples, RandomKey.from(0))).toThrow(
      /inputValues/,
    );
    const registry = createRegistry([audio, audioAugmentations]);
    const make = (options: object) => () =>
      makeAugmentations(registry, { voice: { use: 'mel-transformer' } }, { voice: [options] });
    expect(make({ use: 'noise', snr: [20, 10] })).toThrow(/augment\.voice\.0\.snr: .*lower one first/);
    expect(make({ use: 'sped' })).toThrow(/"speed"/);
    expect(make({ use: 'speed', factors: [3] })).toThrow(/augment\.voice\.0\.factors\.0/);
  });
});

describe('a slot of sound', () => {
  const options = audioProcessor.config.parse({ numMelBins: 16, maxSeconds: 0.4, normalization: 'none' });
  const processor = audioProcessor.create(options, { slot: 'voice', savedFile: () => undefined });
  const parts = { processors: { voice: processor }, targets: {} };

  it('has what it reads changed before features are made, and those after', async () => {
    const stereo = [tone(500, 20_000).samples, tone(500, 20_000).samples];
    const sample = { voice: { samples: stereo, sampleRate: 22_050 } };
    const context = { training: true, key: RandomKey.from(2), augment: { voice: [gain({ decibels: [20, 20] })] } };
    const [louder, plain] = await Promise.all([
      prepareSample(parts, sample, context),
      prepareSample(parts, sample, { training: false }),
    ]);
    expect(louder.features.voice.logMel.shape).toEqual(plain.features.voice.logMel.shape);
    const { data } = plain.features.voice.logMel;
    const differences = [...data.keys()]
      .filter((at) => data[at] > -3)
      .map((at) => louder.features.voice.logMel.data[at] - data[at]);
    for (const difference of differences) expect(difference).toBeCloseTo(2, 3); // log10 of power
    const masked = augmentedFeatures(
      parts.processors,
      plain,
      { voice: [specAugment({ timeShare: 1 })] },
      RandomKey.from(5),
    );
    expect(masked.features.voice.logMel.data).not.toEqual(data);
  });

  it('reads as far as it hears', async () => {
    const { samples, sampleRate: rate } = await processor.read({
      samples: tone(500, 40_000).samples,
      sampleRate: 32_000,
    });
    expect([samples.length, rate]).toEqual([0.4 * 16_000, 16_000]);
  });
});
