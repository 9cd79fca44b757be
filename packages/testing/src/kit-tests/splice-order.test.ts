import { collateSamples, type FusionDefinition, prepareSample, RandomKey, type Sample } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { fusionCase } from '../cases/fusion-case';
import { fusionOfSeveral } from '../cases/fusion-of-several';
import { spliceFusion } from '../doubles/splice-fusion';

beforeAll(() => tf.ready());

it('the splice of the kit has the tokens of each value of a document at its place, and those of other rows in the midst', async () => {
  const definition = spliceFusion as unknown as FusionDefinition;
  const built = fusionOfSeveral(await fusionCase(definition, { config: { into: 'text' } }), definition);
  const key = RandomKey.from(0);
  const text = (steps: number) => key.normal(3 * steps);
  const image = text;
  const samples: Sample[] = [
    { text: [{ text: text(2) }, { image: image(3) }, { text: text(1) }, { image: image(1) }] },
    { text: text(4), image: [image(2)] },
    { text: [{ image: image(1) }, { text: text(1) }] },
    { text: text(2) },
  ];
  const prepared = await Promise.all(samples.map((sample) => prepareSample(built, sample, { training: false })));
  const { image: _, ...rest } = prepared[0].features;
  const rows = [...prepared, { features: rest, targets: {} }];
  const { values, slots } = await built.fuse(collateSamples(built, rows));
  const length = values.owner.shape[1];
  const order = rows.map((_, row) =>
    Array.from({ length }, (_, token) => slots[values.owner.data[row * length + token]]?.[0] ?? '').join(''),
  );
  expect(order).toEqual(['ttiiiti', 'ttiitt', 'it', 'tt', 'ttt']);
  built.dispose();
});
