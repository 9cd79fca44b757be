import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { uploadBatch } from '../batch';
import { composeModel, composeUnchecked } from '../compose-model';
import { inferenceContext } from '../context';
import { MissingModalityError, SampleError, UnknownNameError } from '../errors';
import { fusedPart } from '../fused-part';
import type { HeadInput } from '../head';
import { defineHead, definePlugin } from '../plugin';
import { createRegistry } from '../registry';
import { numbersPlugin, TotalHead } from '../testing/test-parts';
import { modalitySubsets } from './modality-subsets';
import { routingTable } from './routing-table';

beforeAll(() => tf.setBackend('cpu'));

const slots = ['photo', 'note', 'price'];

const model = composeModel(createRegistry([numbersPlugin]), {
  hiddenSize: 2,
  encoders: { photo: { use: 'numbers' }, note: { use: 'numbers' }, price: { use: 'numbers' } },
  fusion: { use: 'sum' },
  heads: {
    caption: { use: 'total', requires: { all: ['photo'] } },
    question: { use: 'total', input: 'caption', requires: { any: ['note', 'price'] } },
    summary: { use: 'total', requires: { none: ['photo'], count: 2 } },
    always: { use: 'total' },
  },
});

/** Who answers by what the config above says, in other words. */
const answering = (has: (slot: string) => boolean): Record<string, boolean> => ({
  caption: has('photo'),
  question: has('photo') && (has('note') || has('price')),
  summary: !has('photo') && has('note') && has('price'),
  always: true,
});

describe('routing', () => {
  it.each(modalitySubsets(slots).map((own) => [own]))(
    'of samples with %j goes by what the config requires',
    async (own) => {
      const expected = answering((slot) => own.includes(slot));
      const sample = Object.fromEntries(own.map((slot) => [slot, [1]]));
      const [answer] = await model.predict([sample]);
      for (const [head, answers] of Object.entries(expected)) {
        const route = model.routeOf(head as 'always', own);
        expect(route.answers, head).toBe(answers);
        expect(head in answer!, head).toBe(answers);
        expect(route.encoders).toEqual(answers ? own : []);
        expect(route.heads).toEqual(answers ? (head === 'question' ? ['caption', 'question'] : [head]) : []);
        const asked = model.predict([sample], { heads: [head as 'always'] });
        if (answers) await expect(asked).resolves.toHaveLength(1);
        else await expect(asked).rejects.toThrow(MissingModalityError);
      }
      const [row] = (await routingTable(model)).filter(({ modalities }) => modalities.join() === own.join());
      expect(Object.entries(row!.heads).map(([head, { answers }]) => [head, answers])).toEqual(
        Object.entries(expected),
      );
    },
  );

  it('has a row for each subset, and says what is missing', async () => {
    const table = await routingTable(model);
    expect(table.map(({ modalities }) => modalities.join('+'))).toEqual([
      ...['photo', 'note', 'price', 'photo+note', 'photo+price', 'note+price', 'photo+note+price'],
    ]);
    const [photo, note] = table;
    expect(photo!.heads.question!.requires).toBe('any of note, price');
    expect(photo!.heads.summary!.requires).toBe('at least 2 modalities and none of photo');
    expect(note!.heads.question!.requires).toBe('all of photo, which the head "caption" that feeds it requires');
  });

  it('says in an error that a sample has what a head excludes', async () => {
    await expect(model.predict([{ photo: [1], note: [1], price: [1] }], { heads: ['summary'] })).rejects.toThrow(
      'sample 0, head "summary": expected at least 2 modalities and none of photo, received photo, note, price. Ask for other heads of such a sample.',
    );
  });

  it('refuses names that there are not, and a sample that is not whole', async () => {
    expect(() => model.routeOf('capton' as 'caption', ['photo'])).toThrow(UnknownNameError);
    expect(() => model.routeOf('caption', ['foto'])).toThrow(
      'routeOf: expected the name of a modality of this model, received "foto". Did you mean "photo"',
    );
    const partial = routingTable(model, { sample: { photo: [1] } });
    await expect(partial).rejects.toThrow(SampleError);
    await expect(partial).rejects.toThrow('received none for note, price.');
    await expect(routingTable(model, { smaple: {} } as never)).rejects.toThrow('Did you mean "sample"?');
  });

  it.each([
    [{ all: ['foto'] }, 'heads.total.requires: expected a model with the encoder slot "foto", which it requires'],
    [{ none: ['foto'] }, 'heads.total.requires: expected a model with the encoder slot "foto", which it excludes'],
    [{ some: ['left'] }, 'heads.total.requires: expected only known options, received "some"'],
    [{ all: 'left' }, 'heads.total.requires.all: expected an array, received "left"'],
    [{ all: [] }, 'heads.total.requires.all: expected at least 1 item'],
    [{ none: ['left', 'right'] }, 'heads.total.requires: expected what some sample can have'],
    [{ all: ['left'], none: ['left'] }, 'received all of left and none of left.'],
    [{ count: 2, none: ['left'] }, 'received at least 2 modalities and none of left.'],
  ])('refuses a config that requires %j', (requires, message) => {
    const compose = () =>
      composeUnchecked(createRegistry([numbersPlugin]), {
        hiddenSize: 2,
        encoders: { left: { use: 'numbers' }, right: { use: 'numbers' } },
        fusion: { use: 'sum' },
        heads: { total: { use: 'total', requires } },
      });
    expect(compose).toThrow(message);
  });
});

/** The sum of what one slot was encoded to. */
class Reading extends TotalHead {
  override readonly reads = ['encoded'] as const;
  override readonly readsSlots: readonly string[];

  constructor(readonly slot: string) {
    super({ all: [slot] }, 1);
    this.readsSlots = [slot];
  }

  override forward({ fused }: HeadInput): tf.Tensor1D {
    return tf.sum(fusedPart(fused, 'encoded')[this.slot]!.pooled, 1);
  }
}

describe('what no asked head needs', () => {
  const reading = definePlugin({
    name: 'reading',
    specificationVersion: 'v1',
    heads: [
      defineHead({
        name: 'reading',
        target: numbersPlugin.heads![0].target,
        config: z.object({ of: z.string() }),
        create: ({ of }) => new Reading(of),
      }),
    ],
  });
  const [sum] = numbersPlugin.fusions!;
  const create = (...given: Parameters<typeof sum.create>) =>
    Object.assign(sum.create(...given), { requires: { all: ['note'] } });
  const hosted = { ...numbersPlugin, fusions: [{ ...sum, create }] } as const;
  const config = {
    hiddenSize: 2,
    encoders: { photo: { use: 'numbers' }, note: { use: 'numbers' } },
    fusion: { use: 'sum' },
    heads: { seen: { use: 'reading', of: 'photo' }, read: { use: 'reading', of: 'note' }, all: { use: 'total' } },
  } as const;

  /** The slots whose encoders are run. */
  async function encodedBy(
    plugin: typeof hosted | typeof numbersPlugin,
    run: 'predict' | 'forward' | 'losses',
    heads: string[],
  ) {
    const own = composeUnchecked(createRegistry([plugin, reading]), config);
    const ran = new Set<string>();
    for (const [slot, encoder] of Object.entries(own.encoders)) {
      const encode = encoder.encode.bind(encoder);
      encoder.encode = (...given) => {
        ran.add(slot);
        return encode(...given);
      };
    }
    const sample = { photo: [1], note: [2], targets: { seen: 1, read: 2, all: 3 } };
    if (run === 'predict') await own.predict([sample], { heads });
    else {
      const batch = uploadBatch(own.collate([await own.prepare(sample)]));
      own[run](batch, inferenceContext(), heads);
    }
    expect(heads.flatMap((head) => own.routeOf(head as never, ['photo', 'note']).encoders)).toEqual(
      expect.arrayContaining([...ran]),
    );
    own.dispose();
    return [...ran];
  }

  it.each(['predict', 'forward', 'losses'] as const)('is not encoded, in %s', async (run) => {
    expect(await encodedBy(numbersPlugin, run, ['seen'])).toEqual(['photo']);
    expect(await encodedBy(numbersPlugin, run, ['seen', 'read'])).toEqual(['photo', 'note']);
    expect(await encodedBy(numbersPlugin, run, ['seen', 'all'])).toEqual(['photo', 'note']); // "all" reads the pooled vector
    expect(await encodedBy(hosted, run, ['seen'])).toEqual(['photo', 'note']); // the fusion requires a note
  });
});
