import { RandomKey } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { noisyPicture, noisyRecording, noisyRows, noisyText } from './add-noise';

const key = RandomKey.from(8);
const picture = {
  data: Uint8Array.from({ length: 4000 }, (_, i) => (i % 3) * 127),
  width: 40,
  height: 100,
  channels: 1,
};
const recording = {
  samples: key
    .fold('recording')
    .normal(4000)
    .map((value) => 0.1 * value),
  sampleRate: 8000,
};
const text = 'zwölf, douze, двенадцать, 十二';
const rows = Array.from({ length: 50 }, (_, n) => [...key.fold(n).uniform(8)]);

describe('σ = 0 changes nothing:', () => {
  it('a picture', () => expect(noisyPicture(picture, 0, key)).toEqual(picture));
  it('a recording', () => expect(noisyRecording(recording, 0, key)).toEqual(recording));
  it('a text', () => expect(noisyText(text, 0, key)).toBe(text));
  it('rows', () => expect(noisyRows(rows, 0, key)).toEqual(rows));
});

const deviation = (values: readonly number[]) =>
  Math.sqrt(values.reduce((sum, own) => sum + own * own, 0) / values.length);

describe('noise has the strength that it says:', () => {
  it('on grey that is far from black and white', () => {
    const grey = { data: new Uint8Array(10_000).fill(128) };
    const noise = [...noisyPicture(grey, 0.1, key).data].map((value) => (value - 128) / 255);
    expect(deviation(noise)).toBeCloseTo(0.1, 2); // 0.0007 is a standard error
    expect([...noisyPicture(grey, 1, key).data].filter((value) => value === 0 || value === 255).length).toBeGreaterThan(
      5500,
    ); // 62 %
  });

  it('in a recording, which stays as loud', () => {
    const half = noisyRecording(recording, 0.5, key);
    const power = (samples: Float32Array) => deviation([...samples]);
    expect(power(half.samples) / power(recording.samples)).toBeCloseTo(1, 1);
    const rest = [...half.samples].map((value, i) => value - Math.sqrt(0.75) * recording.samples[i]);
    expect(deviation(rest) / power(recording.samples)).toBeCloseTo(0.5, 1);
    const nothingLeft = noisyRecording({ samples: recording.samples.map((value) => -value) }, 1, key);
    expect([...nothingLeft.samples]).toEqual([...noisyRecording(recording, 1, key).samples]);
  });

  it('in a text', () => {
    const long = 'abcdefghij'.repeat(200);
    const lost = [...noisyText(long, 0.3, key)].filter((character) => character === '\uFFFD').length;
    expect(Math.abs(lost / 2000 - 0.3)).toBeLessThan(0.04); // four standard errors
    expect(noisyText('seven', 1, key)).toBe('\uFFFD'.repeat(5));
  });

  it('on rows', () => {
    const noise = noisyRows(rows, 0.4, key).flatMap((row, n) => row.map((value, c) => value - rows[n][c]));
    expect(Math.abs(deviation(noise) - 0.4)).toBeLessThan(0.06); // four standard errors of a deviation over 400
  });
});
