import { readFileSync } from 'node:fs';
import { decodeSafetensors } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { type LogMelConfig, LogMelSpectrogram } from './log-mel-spectrogram';
import { normalizeLogMel } from './normalize-log-mel';

// Made by tools/parity/audio.py with transformers' WhisperFeatureExtractor and audio_utils.
const fixture = decodeSafetensors(readFileSync(new URL('../fixtures/audio.safetensors', import.meta.url)), 'audio');
const tensor = (name: string) => fixture.tensors.get(name)!;

const whisperConfig: LogMelConfig = {
  sampleRate: 16000,
  windowLength: 400,
  hopLength: 160,
  fftSize: 400,
  numMelBins: 80,
  fMin: 0,
  fMax: 8000,
  melScale: 'slaney',
  melNorm: 'slaney',
};

const cases: [reference: string, samples: string, config: LogMelConfig][] = [
  ['slaney', 'wide', { ...whisperConfig, fftSize: 512 }],
  ['htk', 'wide', { ...whisperConfig, numMelBins: 40, fMin: 60, fMax: 7600, melScale: 'htk', melNorm: 'none' }],
  [
    'narrow8k',
    'narrow',
    { ...whisperConfig, sampleRate: 8000, windowLength: 200, hopLength: 80, fftSize: 256, numMelBins: 40, fMax: 4000 },
  ],
  ['short16k', 'short', { ...whisperConfig, fftSize: 512, numMelBins: 40 }],
];

describe('LogMelSpectrogram', () => {
  it.each(cases)('agrees with transformers.audio_utils.spectrogram (%s)', (reference, samples, config) => {
    const logMel = new LogMelSpectrogram(config).compute(tensor(samples).data);
    expect([logMel.length / config.numMelBins, config.numMelBins]).toEqual(tensor(reference).shape);
    expect(largestDifference(logMel, tensor(reference).data)).toBeLessThan(1e-4);
  });

  it('agrees with WhisperFeatureExtractor once normalised the same way', () => {
    const logMel = new LogMelSpectrogram(whisperConfig).compute(tensor('wide').data);
    normalizeLogMel(logMel, 'whisper', whisperConfig.numMelBins);
    expect(largestDifference(logMel, tensor('whisper').data)).toBeLessThan(1e-4);
  });

  it('puts the peak of a pure tone into the band around its frequency', () => {
    const tone = Float32Array.from({ length: 8000 }, (_, n) => Math.sin((2 * Math.PI * 1000 * n) / 16000));
    const frame = new LogMelSpectrogram(whisperConfig).compute(tone).subarray(80 * 20, 80 * 21);
    const bandsBelow1000 = (15 / 45.245640471924965) * 81 - 1; // 1 kHz is 15 mel, 8 kHz 45.2456
    expect(Math.abs(frame.indexOf(Math.max(...frame)) - bandsBelow1000)).toBeLessThan(1);
  });

  it('makes a frame of a single sample, and of silence the lowest value there is', () => {
    expect(new LogMelSpectrogram(whisperConfig).compute(Float32Array.of(0))).toEqual(new Float32Array(80).fill(-10));
  });
});

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i])), 0);
}
