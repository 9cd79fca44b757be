import { readFileSync } from 'node:fs';
import {
  ConfigError,
  composeModel,
  createRegistry,
  type Features,
  type Model,
  SampleError,
  UnknownNameError,
} from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { referencePlugin } from '@polymodal/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { headText } from '../plugin';
import { answerMetrics } from './answer-metrics';
import { entityMetrics } from './entity-metrics';
import { locatedText } from './located-text';
import { spansIn } from './spans-in';
import { joinTagged } from './tags';

/** As `tools/parity/text_spans.py` made it with seqeval, and with the formulas of SQuAD. */
const figures = JSON.parse(readFileSync(new URL('../../fixtures/span-figures.json', import.meta.url), 'utf8'));

describe('figures are those of Python', () => {
  it('of spans, as seqeval tells them from tags', () => {
    const spansOf = (tags: readonly string[]) =>
      joinTagged(
        tags.map((tag, at) => ({ tag, start: at, end: at + 1 })),
        (label, units) => ({ label, start: units[0]!.start, end: units.at(-1)!.end }),
      );
    const rows = (figures.actual as string[][]).map((actual, row) => ({
      actual: spansOf(actual),
      predicted: spansOf(figures.predicted[row]),
    }));
    expectFigures(entityMetrics(rows, ['PER', 'LOC']), figures.entities);
    expect(entityMetrics([{ actual: [], predicted: [] }], ['PER'])).toEqual({});
  });

  it('of answers, as SQuAD normalises them', () => expectFigures(answerMetrics(figures.answers), figures.squad));
});

describe('a head that points into a text', () => {
  const registry = createRegistry([text, headText, referencePlugin]);
  const models: Model[] = [];
  afterAll(() => {
    for (const model of models) model.dispose();
  });
  const modelOf = (heads: object, slot: object = {}, others: object = {}) => {
    const encoder = {
      use: 'transformer',
      numHiddenLayers: 1,
      numAttentionHeads: 1,
      hiddenSize: 4,
      maxLength: 64,
      ...slot,
    };
    const config = { hiddenSize: 4, encoders: { note: encoder, ...others }, fusion: { use: 'reference' }, heads };
    const model = composeModel(registry, config as never) as Model;
    models.push(model);
    return model;
  };
  const tags = { use: 'token-classification', labels: ['PER', 'LOC'] };

  it('has bytes say where they stand, in units of UTF-16, in normal form or not', async () => {
    const model = modelOf({ tags: { ...tags, learns: 'all' } });
    const note = 'e\u0301 😀!';
    const { features } = await model.prepare({ note });
    const { tokens, text: own } = locatedText(features.note as Features, 'note');
    expect(own).toBe(note);
    expect(tokens.map(({ start, end, word }) => [start, end, word])).toEqual([
      [-1, -1, -1],
      ...[0, 0].map(() => [0, 2, 0]), // é in one code point: two bytes
      [2, 3, -1],
      ...[0, 0, 0, 0].map(() => [3, 5, 1]),
      [5, 6, 2],
      [-1, -1, -1],
    ]);
  });

  it('learns spans by words, the first token of each, or all of them', async () => {
    const note = 'Ada saw Kew.';
    const spans = [
      { start: 8, end: 11, label: 'LOC', text: 'Kew' },
      { start: 0, end: 3, label: 'PER' },
    ];
    const tagsOf = async (config: object, target: unknown) => {
      const { targets } = await modelOf({ tags: config }).prepare({ note, targets: { tags: target } });
      return [[...targets.tags!.tags!.data], [...targets.tags!.spans!.data]];
    };
    const [firsts, flat] = await tagsOf(tags, spans);
    //                        A            s               K           .
    expect(firsts).toEqual([-1, 1, -1, -1, -1, 0, -1, -1, -1, 3, -1, -1, 0, -1]);
    expect(flat).toEqual([0, 3, 0, 8, 11, 1]);
    const [all] = await tagsOf({ ...tags, learns: 'all' }, spans);
    expect(all).toEqual([-1, 1, 2, 2, 0, 0, 0, 0, 0, 3, 4, 4, 0, -1]);
    const [words, ofWords] = await tagsOf(tags, ['B-PER', 'O', 'B-LOC']);
    expect(words).toEqual([-1, 1, -1, -1, -1, 0, -1, -1, -1, 3, -1, -1, -1, -1]);
    expect(ofWords).toEqual([0, 3, 0, 8, 12, 1]); // words are what white space parts
  });

  it.each<[string, unknown, RegExp]>([
    ['beyond the text', [{ start: 0, end: 99, label: 'PER' }], /span 0.*0 ≤ start < end ≤ 7.*end 99/s],
    ['nothing', [{ start: 2, end: 2, label: 'PER' }], /span 0.*start 2, end 2/s],
    [
      'white space',
      [{ start: 3, end: 4, label: 'PER' }],
      /span 0.*something written.*received white space alone, " ", from 3 to 4/s,
    ],
    ['half a character', [{ start: 3, end: 5, label: 'PER' }], /span 0.*whole characters.*at 5/s],
    ['an unknown label', [{ start: 0, end: 3, label: 'PERS' }], /one of 2 labels.*Did you mean "PER"/s],
    ['an unknown key', [{ start: 0, ende: 3, label: 'PER' }], /"ende".*Did you mean "end"/s],
    ['another text', [{ start: 0, end: 3, label: 'PER', text: 'Adam' }], /"Ada".*received "Adam".*code points/s],
    ['no label', [{ start: 0, end: 3 }], /one of 2 labels, received nothing/],
    [
      'what overlaps',
      [
        { start: 0, end: 3, label: 'PER' },
        { start: 2, end: 4, label: 'LOC' },
      ],
      /do not overlap.*PER from 0 to 3 and LOC from 2 to 4/s,
    ],
    ['too few tags', ['O'], /2 tags, one for each of the words.*received 1/s],
    ['an unknown tag', ['O', 'B-PERS'], /tag 1.*one of 5 tags.*"B-PER"/s],
    ['a text', 'PER', /a list of spans.*or of tags.*received "PER"/s],
  ])('refuses spans of %s', async (_, target, message) => {
    const sample = { note: 'Ada 😀!', targets: { tags: target } };
    const prepared = modelOf({ tags }).prepare(sample);
    await expect(prepared).rejects.toThrow(SampleError);
    await expect(prepared).rejects.toThrow(message);
  });

  it.each<[string, unknown, RegExp]>([
    ['beyond the text', { start: 4, text: 'beyond' }, /≤ 7.*end 10/s],
    ['another text', { start: 0, text: 'Ben' }, /"Ada".*received "Ben"/s],
    ['nothing that is said', [], /an answer.*noAnswer: true/s],
    ['white space', { text: ['Ada', ' '], answer_start: [0, 3] }, /something written.*" ", from 3 to 4/s],
    ['no letters', { start: 3, text: '' }, /start 3, end 3/],
    ['a number', 3, /where the answer stands.*received 3/s],
    ['too many positions', { text: ['Ada'], answer_start: [0, 1] }, /as many texts as positions/],
    ['a position before the text', { text: ['!'], answer_start: [-1] }, /≤ 7.*start -1/s],
    ['no position', { text: ['Ada'], answer_start: [Number.NaN] }, /start NaN/],
    ['a position beyond the text', { text: ['!'], answer_start: [9] }, /start 10, end 11/], // of UTF-16, in which 😀 is two
    ['an unknown key', [{ start: 0, end: 1, label: 'x' }], /answer 0.*"label"/s],
  ])('refuses an answer of %s', async (_, target, message) => {
    const prepared = modelOf({ answer: { use: 'span' } }).prepare({ note: 'Ada 😀!', targets: { answer: target } });
    await expect(prepared).rejects.toThrow(SampleError);
    await expect(prepared).rejects.toThrow(message);
  });

  it('takes what SQuAD has, whose positions are those of Python, and no answer for the first token', async () => {
    const model = modelOf({ answer: { use: 'span', noAnswer: true } });
    const of = async (answer: unknown) => {
      const { starts, ends, lengths } = (await model.prepare({ note: '😀😀 Ada', targets: { answer } })).targets
        .answer!;
      return [starts!.data[0], ends!.data[0], [...lengths!.data]];
    };
    expect(await of({ text: ['Ada', 'da'], answer_start: [3, 4] })).toEqual([10, 12, [3, 2]]);
    expect(await of({ start: 5, end: 8 })).toEqual([10, 12, [3]]);
    expect(await of({ start: 2, end: 4 })).toEqual([5, 8, [2]]); // all bytes of a character
    expect(await of({ text: [], answer_start: [] })).toEqual([0, 0, []]);
  });

  it('is refused where no slot tells where tokens stand, or several do, or features are of other than one text', async () => {
    const other = { other: { use: 'transformer', numHiddenLayers: 1, numAttentionHeads: 1, hiddenSize: 4 } };
    expect(() => modelOf({ tags }, {}, other)).toThrow(/heads\.tags\.of.*none named.*One of note, other/s);
    expect(() => modelOf({ tags: { ...tags, of: 'notes' } })).toThrow(UnknownNameError);
    expect(() => modelOf({ tags: { ...tags, tags: ['O'] } })).toThrow(/either labels.*received both/s);
    expect(() => modelOf({ tags: { use: 'token-classification' } })).toThrow(/received neither/);
    expect(() => modelOf({ tags }, { stride: 64, several: true })).toThrow(/less than maxLength, 64/);
    const windowless = modelOf({ tags }, { stride: 8 }).prepare({ note: 'Ada' });
    await expect(windowless).rejects.toThrow(ConfigError);
    await expect(windowless).rejects.toThrow(/a slot with several/);
    const several = modelOf({ tags }, { several: true }).prepare({ note: ['Ada', 'Ben'], targets: { tags: [] } });
    await expect(several).rejects.toThrow(/one text.*received several texts/s);
    const pair = modelOf({ tags }).prepare({ note: { text: 'a', pair: 3 } });
    await expect(pair).rejects.toThrow(/a pair of texts.*pair: 3/s);
  });

  it('tells each token of windows that overlap once, as the window says that has most about it', async () => {
    const model = modelOf({ tags }, { maxLength: 8, stride: 4, several: { most: 9, ordered: false } });
    const { features } = await model.prepare({ note: 'aaBBccDD' });
    const located = locatedText(features.note as Features, 'note');
    expect(located).toMatchObject({ text: 'aaBBccDD', windows: 2 });
    expect(located.tokens.map(({ index }) => index)).toEqual([-1, 0, 1, 2, 3, 4, 5, -1, -1, 2, 3, 4, 5, 6, 7, -1]);
    // Each window calls everything by its own label: the first half of the text is the first's, the second half the second's.
    const scored = located.tokens.map(({ window }) => (window === 0 ? [0, 0, 5, 0, 0] : [0, 0, 0, 0, 5]));
    expect(spansIn(located, scored, ['O', 'B-PER', 'I-PER', 'B-LOC', 'I-LOC'], 'simple')).toMatchObject([
      { start: 0, end: 4, text: 'aaBB', label: 'PER' },
      { start: 4, end: 8, text: 'ccDD', label: 'LOC' },
    ]);
  });
});

function expectFigures(own: Readonly<Record<string, number>>, expected: Readonly<Record<string, number>>) {
  expect(Object.keys(own).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, value] of Object.entries(expected)) expect(own[name], name).toBeCloseTo(value, 9);
}
