import { ConfigError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { readOptions } from './options';

describe('readOptions', () => {
  it('has defaults for everything, and a list of speakers', () => {
    expect(readOptions([])).toMatchObject({ seeds: 1, epochs: 9, baselines: false, testSpeakers: undefined });
    expect(readOptions(['--speech', 'x', '--test-speakers', 'ada, bo'])!.testSpeakers).toEqual(['ada', 'bo']);
  });

  it.each([
    ['--seeds', '0'],
    ['--seeds', 'many'],
    ['--epochs', '1.5'],
    ['--epochs', '1e3'],
    ['--samples', '99'],
    ['--test-speakers', 'ada,,bo'],
    ['--backend', 'gpu'],
  ])('refuses %s %s by the name of the option', (name, value) => {
    expect(() => readOptions([name, value])).toThrow(ConfigError);
    expect(() => readOptions([name, value])).toThrow(`${name}: expected`);
    expect(() => readOptions([name, value])).toThrow(`received "${value}"`);
  });
});
