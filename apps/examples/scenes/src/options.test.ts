import { ConfigError } from '@polymodal/core';
import { expect, it } from 'vitest';
import { readOptions } from './options';
import { plainScenes, sortOfClevr } from './scene/edition';
import { methods } from './scenes-model';

it('reads what to compare, with defaults', () => {
  expect(readOptions([])).toMatchObject({ seeds: 1, languages: ['en'], typingErrors: false, edition: plainScenes });
  const asked = readOptions(['--methods', 'film, concat', '--languages=en,zh', '--sort-of-clevr', '--typing-errors']);
  expect(asked).toMatchObject({
    methods: ['film', 'concat'],
    languages: ['en', 'zh'],
    typingErrors: true,
    edition: sortOfClevr,
  });
  expect(readOptions([])?.methods).toEqual(['concat', 'mutual-film']);
  expect(readOptions(['--methods', 'all'])?.methods).toEqual(methods);
});

it.each([
  ['--methods', 'filn'],
  ['--methods', ''],
  ['--languages', 'en,fr'],
  ['--scenes', '0'],
])('refuses %s %j', (name, value) => {
  expect(() => readOptions([name, value])).toThrow(ConfigError);
});

it('says which of several names is none', () => {
  expect(() => readOptions(['--methods', 'film,nope'])).toThrow(/^--methods\.1: expected ".*, received "nope"/);
});
