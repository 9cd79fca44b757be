import { ConfigError, RandomKey } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { ModalityDropoutSampler } from './modality-dropout';

const names = ['image', 'audio', 'text'];
const key = RandomKey.from(7);

describe('ModalityDropoutSampler', () => {
  it('drops each modality with its probability, independently, and never the last', () => {
    const sampler = new ModalityDropoutSampler({ image: 0.5, audio: 0.2 }, names);
    const count = 20_000;
    const kept = Array.from({ length: count }, (_, index) => sampler.keep(names, key, 0, index));
    const share = (...wanted: string[]) =>
      kept.filter((own) => wanted.every((name) => own.includes(name))).length / count;
    // Four standard errors of a share over 20,000 draws are at most 0.0142.
    expect(Math.abs(share('image') - 0.5)).toBeLessThan(0.0142);
    expect(Math.abs(share('audio') - 0.8)).toBeLessThan(0.0142);
    expect(Math.abs(share('image', 'audio') - 0.4)).toBeLessThan(0.0142);
    expect(share('text')).toBe(1);
  });

  it('keeps one, each as often as any other, where all would go', () => {
    const sampler = new ModalityDropoutSampler(1, names);
    const kept = Array.from({ length: 9000 }, (_, index) => sampler.keep(names, key, 0, index));
    expect(kept.every((own) => own.length === 1)).toBe(true);
    // Four standard errors of a third over 9,000 draws: 0.02.
    for (const name of names) {
      expect(Math.abs(kept.filter(([own]) => own === name).length / 9000 - 1 / 3)).toBeLessThan(0.02);
    }
  });

  it('decides by key, epoch and index alone', () => {
    const sampler = new ModalityDropoutSampler(0.5, names);
    const draw = (epoch: number) => Array.from({ length: 50 }, (_, index) => sampler.keep(names, key, epoch, index));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it('keeps everything where what is left would be of no use', () => {
    const sampler = new ModalityDropoutSampler(0.9, names, (kept) => kept.length >= 2);
    for (let index = 0; index < 100; index++) {
      expect(sampler.keep(names, key, 0, index).length).toBeGreaterThanOrEqual(2);
    }
  });

  it('refuses an unknown modality and an impossible probability', () => {
    expect(() => new ModalityDropoutSampler({ imge: 0.5 }, names)).toThrow(/"image"/);
    expect(() => new ModalityDropoutSampler(1.5, names)).toThrow(ConfigError);
  });
});
