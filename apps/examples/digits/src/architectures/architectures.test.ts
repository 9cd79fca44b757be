import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { saveModel } from '@polymodal/core/node';
import { expect, it } from 'vitest';
import { plainDigits } from '../data/testing/plain-digits';
import type { Modality } from '../digits-model';
import { allDigits } from '../samples';
import { architectures } from './architectures';

const digits = allDigits(plainDigits([3, 7]));
const subsets: readonly (readonly Modality[])[] = [['image'], ['text'], ['image', 'text']];

it.each(Object.entries(architectures))(
  'a %s answers every subset, and takes in sound without another answer',
  async (_, own) => {
    const model = own.model(['image', 'text'], 0);
    const folder = await mkdtemp(join(tmpdir(), 'polymodal-architectures-'));
    try {
      await saveModel(model, join(folder, 'model'));
      const { model: wider, newParameters } = await own.widen(model, 'audio', join(folder, 'model'));
      for (const subset of subsets) {
        const samples = digits.map((digit) => own.toSample(digit, subset));
        const [before, after] = [await own.answersOf(model)(samples), await own.answersOf(wider)(samples)];
        for (const [row, probabilities] of before.entries()) {
          expect(probabilities).toHaveLength(10);
          expect(probabilities.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
          for (const [digit, share] of probabilities.entries())
            expect(Math.abs(after[row][digit] - share)).toBeLessThan(1e-7);
        }
      }
      const [heard] = await own.answersOf(wider)([own.toSample(digits[0], ['audio'])]);
      expect(heard.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
      expect(newParameters.length).toBeGreaterThan(0);
      expect([...model.parameters().keys()].filter((path) => newParameters.includes(path))).toEqual([]);
      for (const each of [model, wider]) each.dispose();
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
