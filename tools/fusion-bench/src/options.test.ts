import { ConfigError, UnknownNameError } from '@polymodal/core';
import { expect, it } from 'vitest';
import { methodNames } from './methods';
import { readOptions } from './options';

it('readOptions takes all methods by default, and concat in any case', () => {
  expect(readOptions([])).toMatchObject({ budget: 'full', methods: methodNames, directory: 'runs/fusion' });
  expect(readOptions(['--quick', '--methods', 'film, early'])).toMatchObject({
    budget: 'quick',
    methods: ['concat', 'film', 'early'],
    directory: 'runs/fusion-quick',
  });
});

it('readOptions refuses what it does not know', () => {
  expect(() => readOptions(['--methods', 'films'])).toThrow(ConfigError);
  expect(() => readOptions(['--workers', '0'])).toThrow(ConfigError);
  expect(() => readOptions(['--quik'])).toThrow(UnknownNameError);
});
