import { ConfigError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { hertzToMel, type MelFilterBankConfig, melFilterBank, melToHertz } from './mel-filter-bank';

const config: MelFilterBankConfig = {
  sampleRate: 16000,
  fftSize: 8192, // bins so fine that sums stand for integrals
  numMelBins: 20,
  fMin: 0,
  fMax: 8000,
  melScale: 'slaney',
  melNorm: 'none',
};

describe('hertzToMel', () => {
  it('has the reference points of both scales', () => {
    expect(hertzToMel(1000, 'slaney')).toBeCloseTo(15, 12);
    expect(hertzToMel(6400, 'slaney')).toBeCloseTo(15 + (27 * Math.log(6.4)) / Math.log(6.4), 12);
    expect(hertzToMel(700, 'htk')).toBeCloseTo(2595 * Math.log10(2), 12);
  });

  it.each(['slaney', 'htk', 'kaldi'] as const)('is undone by melToHertz on the scale %s', (scale) => {
    for (const hertz of [0, 55, 999, 1001, 4321, 12000]) {
      expect(melToHertz(hertzToMel(hertz, scale), scale)).toBeCloseTo(hertz, 8);
    }
  });
});

describe('melFilterBank', () => {
  it.each(['slaney', 'htk', 'kaldi'] as const)(
    'adds up to 1 at every frequency between the outer centres (%s)',
    (melScale) => {
      const sum = new Float64Array(4097);
      for (const { start, weights } of melFilterBank({ ...config, melScale })) {
        weights.forEach((weight, i) => {
          sum[start + i] += weight;
        });
      }
      const [low, high] = [hertzToMel(0, melScale), hertzToMel(8000, melScale)];
      const bin = (band: number) => (melToHertz(low + ((high - low) * band) / 21, melScale) * 8192) / 16000;
      for (let k = Math.ceil(bin(1)); k <= Math.floor(bin(20)); k++) expect(sum[k]).toBeCloseTo(1, 10);
    },
  );

  it('gives every band the area 1 with slaney norm', () => {
    for (const { weights } of melFilterBank({ ...config, melNorm: 'slaney' })) {
      const area = weights.reduce((total, weight) => total + weight, 0) * (16000 / 8192);
      expect(Math.abs(area - 1)).toBeLessThan(1e-3); // the sum over bins against the integral
    }
  });

  it('refuses bands that no bin of the spectrum falls into, and says what to change', () => {
    const narrow = () => melFilterBank({ ...config, fftSize: 256, numMelBins: 128 }, 'encoders.audio');
    expect(narrow).toThrow(ConfigError);
    expect(narrow).toThrow(/encoders\.audio\.numMelBins.*Take fewer bands or a larger fftSize/);
  });

  it('leaves such bands silent where that is wanted', () => {
    const bands = melFilterBank({ ...config, fftSize: 256, numMelBins: 128, emptyBands: 'silence' });
    expect(bands.length).toBe(128);
    expect(bands.some(({ weights }) => weights.every((weight) => weight === 0))).toBe(true);
  });
});
