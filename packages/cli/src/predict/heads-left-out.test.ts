import { expect, it } from 'vitest';
import { HeadsLeftOut } from './heads-left-out';

it('says of heads that some answers are without, how many, and what the first of them had', () => {
  const model = { heads: { tone: {}, match: {} }, modalities: ['photo', 'note'] } as never;
  const left = new HeadsLeftOut(model);
  left.add({ input: 'new.csv, line 2' }, { photo: 'a.png', note: 'a' }, { tone: 1, match: 2 });
  left.add({ input: 'new.csv, line 3' }, { note: 'a', photo: null }, { tone: 1 });
  left.add({ input: 'new.csv, line 4' }, { photo: 'b.png' }, { tone: 1 });
  expect(left.remarks).toEqual([
    'The head "match" is not in 2 answers, since what it goes by is missing: in the first, new.csv, line 3, there is note alone.',
  ]);
  const asked = new HeadsLeftOut(model, ['tone']);
  asked.add({ input: 'new.csv, line 4' }, { photo: 'b.png' }, { tone: 1 });
  expect(asked.remarks).toEqual([]);
});
