import { RandomKey } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { numberWords } from '../text/number-words';
import { SpeechError } from './speech-error';
import { synthesise } from './synthesise';
import { meanPower } from './trim-silence';
import { drawVoices, type Voice } from './voices';

const voices = drawVoices({ train: 88, validation: 16, test: 36 }, RandomKey.from(0));
const whisperer = { name: 'gmw/en-US+whisper', pitch: 50, range: 50, rate: 160 }; // its breath is random in eSpeak NG

const digits = numberWords[0].words;

const plain = { ...whisperer, name: 'gmw/en-US+Alex' };

/** How much of the power lies in the differences from sample to sample, in the 30 ms where that is the most. */
function hiss(samples: Float32Array): number {
  const frames = Array.from({ length: Math.floor(samples.length / 240) }, (_, n) =>
    samples.slice(240 * n, 240 * (n + 1)),
  );
  return Math.max(...frames.map((frame) => meanPower(frame.slice(1).map((v, i) => v - frame[i])) / meanPower(frame)));
}

describe('synthesise', () => {
  it('speaks the same samples every time, all words of each voice', async () => {
    const [once, again] = await Promise.all([
      synthesise([plain, whisperer], digits),
      synthesise([plain, whisperer], digits),
    ]);
    expect(once).toEqual(again);
    expect(once.map(({ sentence }) => sentence)).toEqual([...Array(20).keys()].map((i) => i % 10));
    expect(new Set(once.map(({ voice }) => voice)).size).toBe(2);
    for (const { samples } of once) {
      expect(samples.length / 8000).toBeGreaterThan(0.15); // seconds
      expect(samples.length / 8000).toBeLessThan(0.9);
      expect(meanPower(samples)).toBeGreaterThan(1e-4);
    }
    expect(hiss(once[6].samples)).toBeGreaterThan(4 * hiss(once[1].samples)); // "six" has two s, "one" none
  });

  it('stops when it is asked to', async () => {
    const stop = new AbortController();
    const speaking = synthesise(voices.train, digits, { signal: stop.signal, onUtterance: () => stop.abort() });
    await expect(speaking).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('reports a synthesiser that fails', async () => {
    await expect(synthesise([null as unknown as Voice], digits)).rejects.toBeInstanceOf(SpeechError);
  });
});

describe('drawVoices', () => {
  it('gives each speaker to one split only', () => {
    const speakersOf = (split: keyof typeof voices) => new Set(voices[split].map(({ name }) => name.split('+')[1]));
    const [train, validation, test] = [speakersOf('train'), speakersOf('validation'), speakersOf('test')];
    expect(train.size + validation.size + test.size).toBe(new Set([...train, ...validation, ...test]).size);
    expect([train.size, validation.size, test.size]).toEqual([44, 8, 18]);
  });
});
