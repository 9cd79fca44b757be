import { expect, it } from 'vitest';
import type { ConfigFile } from '../config/config-file';
import { requireBound } from './require-bound';

it('a slot is bound by a column, or by a conversation that has its values', () => {
  const text = { conversation: 'llava', values: { photo: 'image' } };
  const check = (slots: object, ...encoders: string[]) => {
    const model = { encoders: Object.fromEntries(encoders.map((slot) => [slot, {}])), heads: {} };
    const within = (_: string, parse: () => void) => parse();
    requireBound({ project: { data: { slots, targets: {} }, model }, within } as unknown as ConfigFile);
  };
  check({ text }, 'text', 'photo');
  check({ text, photo: 'photo' }, 'text', 'photo');
  expect(() => check({ text }, 'text', 'photo', 'sound')).toThrow(
    /a slot that a column is bound to.*Known: text, photo/,
  );
  expect(() => check({ text: 'text' }, 'text', 'photo')).toThrow(/a slot that a column is bound to/);
});
