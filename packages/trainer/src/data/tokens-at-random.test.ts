import { RandomKey } from '@polymodal/core';
import { expect, it } from 'vitest';
import { tinyModel, tinySamples } from '../testing/tiny-model';
import { modalitiesOf, type SampleShape } from './sample-shape';
import { TokenCounter } from './token-counter';
import { tokensAtRandom } from './tokens-at-random';

it('counts what batches at random would compute: each modality that one of them has, for all, as long as the longest', async () => {
  const model = tinyModel();
  const counter = new TokenCounter(model);
  for (const sample of tinySamples(9)) counter.see(await model.prepare(sample));
  const key = RandomKey.from(5);
  const shapes = Array.from({ length: 50 }, (_, index): SampleShape => {
    const own = key.fold(index);
    const present = ['a', 'b', 'c'].filter((name, i) => i === index % 3 || own.fold(name).uniform(1)[0] < 0.5);
    return Object.fromEntries(
      present.map((name) => [name, { lengths: { numbers: 4 * own.fold(name).integer(1, 9) } }]),
    );
  });
  let expected = 0;
  const order = [...key.shuffle(50)];
  for (let start = 0; start < 50; start += 8) {
    const batch = order.slice(start, start + 8).map((index) => shapes[index]);
    for (const name of ['a', 'b', 'c']) {
      const longest = Math.max(0, ...batch.map((shape) => shape[name]?.lengths?.numbers ?? 0));
      expected += batch.length * longest; // a token each
    }
  }
  expect(tokensAtRandom(shapes, 8, counter, key)).toBeCloseTo(expected / 50, 10);
  const alone = shapes.map((shape) => counter.computed(shape, modalitiesOf(shape))).reduce((sum, own) => sum + own, 0);
  expect(tokensAtRandom(shapes, 1, counter, key)).toBeCloseTo(alone / 50, 10);
});
