import { createHash } from 'node:crypto';
import { hostTensor, type PreparedSample, type Targets } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { changedSample } from './changed-sample';
import { DataFingerprint } from './data-fingerprint';

/** A sample as features, and its targets as they were given. */
interface KnownSample extends PreparedSample {
  readonly given: Targets;
}

const sample = (values: number[], given: Targets = {}, slot = 'a'): KnownSample => ({
  features: { [slot]: { values: hostTensor(Float32Array.from(values), [values.length]) } },
  targets: {},
  given,
});

function fingerprintOf(samples: readonly KnownSample[], total = samples.length) {
  const fingerprint = new DataFingerprint(total);
  for (const own of samples) fingerprint.add(own, own.given);
  return fingerprint;
}

/** What is said of a difference. */
function change(before: readonly KnownSample[], now: readonly KnownSample[]) {
  const [a, b] = [fingerprintOf(before), fingerprintOf(now)];
  expect(a.fingerprint.sha256 === b.fingerprint.sha256).toBe(isSame(a.lines, b.lines));
  return changedSample(a.lines, b.lines, a.fingerprint.samplesPerLine);
}

const isSame = (a: readonly string[], b: readonly string[]) => a.join() === b.join();

const data = [3, 1, 4, 1, 5].map((digit, i) => sample([i, digit], { digit, name: `n${i}` }));

/** The data with one sample in place of another. */
const withSample = (index: number, own: KnownSample) => data.map((before, i) => (i === index ? own : before));

describe('DataFingerprint', () => {
  it('is the same for the same data, and its checksum is that of the lines', () => {
    expect(change(data, structuredClone(data))).toBeUndefined();
    const { lines, fingerprint } = fingerprintOf(data);
    const sha256 = createHash('sha256')
      .update(`${lines.join('\n')}\n`)
      .digest('hex');
    expect(fingerprint).toEqual({ samples: 5, samplesPerLine: 1, sha256 });
  });

  it('does not depend on the order in which targets are named', () => {
    expect(
      change([sample([1], { a: 1, b: { c: 2, d: 3 } })], [sample([1], { b: { d: 3, c: 2 }, a: 1 })]),
    ).toBeUndefined();
  });

  it('tells a changed target by sample and name', () => {
    const other = sample([2, 4], { digit: 7, name: 'n2' });
    expect(change(data, withSample(2, other))).toEqual({ where: 'sample 2, targets.digit', was: '4', is: '7' });
    const without = sample([2, 4], { digit: 4 });
    expect(change(data, withSample(2, without))).toEqual({ where: 'sample 2, targets.name', was: '"n2"', is: 'none' });
  });

  it('tells changed features by sample and slot, down to the last bit, and a slot that came or went', () => {
    const bit = sample([3, 1.0000001], { digit: 1, name: 'n3' });
    expect(change(data, withSample(3, bit))?.where).toBe('sample 3, a');
    expect(change(data, withSample(0, sample([0, 3], { digit: 3, name: 'n0' }, 'b')))).toEqual({
      where: 'sample 0',
      was: 'a',
      is: 'b',
    });
    const shape: KnownSample = {
      features: { a: { values: hostTensor(Float32Array.of(1, 1), [2, 1]) } },
      targets: {},
      given: { digit: 1, name: 'n1' },
    };
    expect(change(data, withSample(1, shape))?.where).toBe('sample 1, a');
  });

  it('tells another order', () => {
    expect(change(data, [...data].reverse())).toEqual({
      where: 'sample 0',
      was: 'what is sample 4 now',
      is: 'the same samples in another order',
    });
  });

  it('notices what long, binary and very many targets hold, without keeping them', () => {
    const many = (last: number) =>
      Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`t${i}`, i === 499 ? last : i]));
    for (const [a, b, where] of [
      [{ text: 'x'.repeat(5000) }, { text: `${'x'.repeat(4999)}y` }, 'sample 0, targets.text'],
      [{ box: Float32Array.of(1, 2) }, { box: Float32Array.of(1, 3) }, 'sample 0, targets.box'],
      [many(1), many(2), 'sample 0, targets'],
    ] as const) {
      expect(change([sample([1], a)], [sample([1], b)])?.where).toBe(where);
      expect(fingerprintOf([sample([1], a)]).lines[0].length).toBeLessThan(1200);
    }
  });

  it('keeps no more than 65,536 lines, and still notices every change and every order', () => {
    expect(new DataFingerprint(65_536).fingerprint.samplesPerLine).toBe(1);
    expect(new DataFingerprint(65_537).fingerprint.samplesPerLine).toBe(2);
    expect(new DataFingerprint(1e9).fingerprint.samplesPerLine * 65_536).toBeGreaterThanOrEqual(1e9);
    const pair = [sample([1], { digit: 1 }), sample([2], { digit: 2 }), sample([3], { digit: 2 }), sample([4])];
    const grouped = (samples: readonly KnownSample[]) => fingerprintOf(samples, 65_537 * 3).lines;
    expect(grouped(pair)).toHaveLength(1);
    expect(grouped(pair)).not.toEqual(grouped([pair[1], pair[0], pair[2], pair[3]]));
    expect(grouped(pair)).not.toEqual(grouped([pair[0], pair[1], pair[2], sample([4], { digit: 0 })]));
    expect(changedSample(grouped(pair), grouped([...pair].reverse()), 4)?.where).toMatch(/^one of samples 0 to 3/);
  });
});
