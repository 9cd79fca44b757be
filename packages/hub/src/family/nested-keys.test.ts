import { expect, it } from 'vitest';
import type { KeyMap } from './key-map';
import { nestedKeys } from './nested-keys';

it('puts what stands before a part into every name of its key map, and keeps the rest', () => {
  const map = {
    prefixes: ['bert.'],
    entries: [
      { ours: ['query.*', 'key.*'], theirs: 'in_proj.*', transpose: true as const },
      { ours: 'norm.weight', theirs: 'norm.weight', formerly: 'norm.gamma' },
    ],
    ignored: [{ theirs: 'position_ids', reason: 'a buffer' }],
  };
  expect(nestedKeys(map, { ours: 'encoders.text.', theirs: 'text_model.' })).toEqual({
    entries: [
      {
        ours: ['encoders.text.query.*', 'encoders.text.key.*'],
        theirs: 'text_model.in_proj.*',
        transpose: true,
      },
      {
        ours: ['encoders.text.norm.weight'],
        theirs: 'text_model.norm.weight',
        formerly: ['text_model.norm.gamma'],
      },
    ],
    ignored: [{ theirs: 'text_model.position_ids', reason: 'a buffer' }],
  });
});

it('of a part that stands in one of several places have the names of all, that of the first to be saved', () => {
  const map: KeyMap = {
    entries: [{ ours: 'weight', theirs: 'weight', formerly: 'gamma' }],
    ignored: [{ theirs: 'ids', reason: 'a buffer' }],
  };
  expect(nestedKeys(map, { ours: 'norm.', theirs: ['old.norm.', 'norm.'] })).toEqual({
    entries: [
      { ours: ['norm.weight'], theirs: 'old.norm.weight', formerly: ['old.norm.gamma', 'norm.weight', 'norm.gamma'] },
    ],
    ignored: [
      { theirs: 'old.norm.ids', reason: 'a buffer' },
      { theirs: 'norm.ids', reason: 'a buffer' },
    ],
  });
});
